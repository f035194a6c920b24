using Tocsin.Chains;
using Tocsin.Detection;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;

namespace Tocsin.Watching;

/// <summary>
/// Carries what is proven on one chain to the watches of all others, as an input that each of them records: their
/// engines stay folds of their own logs. What was lost on the way is made good when a watch joins anew, because each
/// side then says what it knows. For use by several threads at once.
/// </summary>
internal sealed class AttackNews(TimeProvider time)
{
    // What lasts is noted again and again; others need not hear of each time.
    private static readonly TimeSpan SameWithin = TimeSpan.FromHours(1);

    private readonly Lock turn = new();
    private readonly SortedDictionary<ulong, Member> members = [];

    /// <summary>The watch of a chain begins, or begins anew.</summary>
    /// <param name="proven">On that chain.</param>
    /// <param name="heard">What its engine was told of other chains.</param>
    /// <param name="put">Takes what is to be its next inputs; must not wait for anything.</param>
    public void Join(
        ChainId chain, IEnumerable<ProvenAttack> proven, IEnumerable<ProvenAttack> heard, Action<Arrival> put)
    {
        lock (turn)
        {
            var joined = new Member(chain, [.. proven], heard.ToDictionary(attack => attack.Finding), put);
            members[chain.Value] = joined;
            foreach (var other in members.Values)
            {
                Carry(joined, other);
                Carry(other, joined);
            }
        }
    }

    /// <summary>Says all that is proven on a chain now: what is missing there is proven no more.</summary>
    public void Tell(ChainId chain, IEnumerable<ProvenAttack> proven)
    {
        lock (turn)
        {
            if (!members.TryGetValue(chain.Value, out var before))
                return;
            members[chain.Value] = before with { Proven = [.. proven] };
            foreach (var other in members.Values)
                Carry(members[chain.Value], other);
        }
    }

    private void Carry(Member from, Member to)
    {
        if (from.Chain == to.Chain)
            return;
        foreach (var attack in from.Proven)
        {
            if (to.Heard.TryGetValue(attack.Finding, out var heard) && IsOld(attack, heard))
                continue;
            to.Heard[attack.Finding] = attack;
            to.Put(Arrival(attack, withdrawn: false));
        }
        var gone = to.Heard.Values
            .Where(heard => heard.Chain == from.Chain && !from.Proven.Exists(one => one.Finding == heard.Finding))
            .OrderBy(heard => heard.Finding.Value, StringComparer.Ordinal)
            .ToList();
        foreach (var attack in gone)
        {
            to.Heard.Remove(attack.Finding);
            to.Put(Arrival(attack, withdrawn: true));
        }
    }

    private static bool IsOld(ProvenAttack attack, ProvenAttack heard) =>
        attack.Accounts == heard.Accounts && attack.Codes == heard.Codes
        && attack.Time >= heard.Time && attack.Time - heard.Time < SameWithin;

    private Arrival.AttackElsewhere Arrival(ProvenAttack attack, bool withdrawn) => new(
        time.GetUtcNow(), attack.Chain, attack.Finding, attack.Threat, attack.Time, attack.Accounts, attack.Codes,
        withdrawn);

    private sealed record Member(
        ChainId Chain, List<ProvenAttack> Proven, Dictionary<FindingId, ProvenAttack> Heard, Action<Arrival> Put);
}
