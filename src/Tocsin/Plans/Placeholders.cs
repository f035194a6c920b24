using System.Net.Mail;
using Tocsin.Chains;
using Tocsin.Texts;

namespace Tocsin.Plans;

/// <summary>Addresses that stand in templates and examples: whoever left one in did not mean it.</summary>
internal static class Placeholders
{
    private const string OfAccount = "looks like a placeholder: put the real address in";

    // Precompiles of some chains lie above: 0x1010 on Polygon, 0x8001 and on on zkSync.
    private const ulong LeastMeant = 0x1000;

    // Reserved for examples and tests by RFC 2606 and RFC 6761.
    private static readonly string[] ReservedDomains =
        ["example.com", "example.net", "example.org", "example", "test", "invalid"];

    public static void Warn(YamlPart part, Address address)
    {
        if (Is(address))
            part.Warn($"this address {OfAccount}");
    }

    public static void Warn(YamlPart part, Uri uri)
    {
        if (IsReserved(uri.IdnHost))
            part.Warn("this host is reserved for examples: put the real one in");
    }

    /// <summary>A warning for each placeholder of a plan.</summary>
    public static IEnumerable<Complaint> Check(Plan plan)
    {
        var things = plan.Protected.Assets.Select(asset => ($"asset '{asset.Name}'", asset.Address, asset.At))
            .Concat(plan.Protected.Pools.Select(pool => ($"pool '{pool.Name}'", pool.Address, pool.At)))
            .Concat(plan.Protected.Contracts.Select(thing => ($"contract '{thing.Name}'", thing.Address, thing.At)))
            .Concat(plan.Actions.SelectMany(action => action.OnChain)
                .Select(call => ("the target of this call", call.Call.Target, call.At)))
            .Concat(plan.People.Where(person => person.Wallet is not null)
                .Select(person => ($"the wallet of '{person.Id}'", person.Wallet!.Value, person.At)));
        foreach (var (what, address, at) in things.Where(thing => Is(thing.Item2)))
            yield return new Complaint(at, ComplaintLevel.Warning, $"{what} {OfAccount}")
            {
                Alike = "addresses that look like placeholders: put the real ones in",
            };
        foreach (var person in plan.People)
        {
            if (MailAddress.TryCreate(person.Email, out var mail) && IsReserved(mail.Host))
                yield return new Complaint(
                    person.At, ComplaintLevel.Warning, $"the email of '{person.Id}' is at a host for examples")
                {
                    Alike = "people whose email is at a host for examples: put the real ones in",
                };
        }
    }

    /// <summary>One digit all over, counted digits, the dead one, or next to zero.</summary>
    public static bool Is(Address address)
    {
        var digits = address.ToString()[2..];
        return digits.All(digit => digit == digits[0])
            || digits is "1234567890123456789012345678901234567890" or "000000000000000000000000000000000000dead"
            || new UInt256(address.ToArray()) < LeastMeant;
    }

    private static bool IsReserved(string host) => ReservedDomains.Any(domain =>
        host.Equals(domain, StringComparison.OrdinalIgnoreCase)
        || host.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase));
}
