using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Decisions;
using Tocsin.Evm;
using Tocsin.Plans;
using static Tocsin.BreakGlass.PageText;

namespace Tocsin.BreakGlass;

/// <summary>
/// What a person reads who has a bundle and no more than a hardware wallet: what each action does, who must approve,
/// and what to send where nobody can be asked to sign.
/// </summary>
internal sealed class BundlePage
{
    private readonly PageText page = new();
    private readonly Bundle bundle;
    private readonly Plan plan;
    private readonly Func<PlannedAction, string> typedDataName;

    private BundlePage(Bundle bundle, Plan plan, Func<PlannedAction, string> typedDataName) =>
        (this.bundle, this.plan, this.typedDataName) = (bundle, plan, typedDataName);

    /// <param name="actions">Those that are written out.</param>
    /// <param name="typedDataName">The file of an action's typed data.</param>
    public static PageText Of(
        Bundle bundle, Plan plan, IEnumerable<PlannedAction> actions, Func<PlannedAction, string> typedDataName)
    {
        var written = new BundlePage(bundle, plan, typedDataName);
        written.Begin();
        foreach (var action in actions)
            written.Action(action);
        return written.page;
    }

    private void Begin()
    {
        page.Title($"{(bundle.Exercise ? "EXERCISE: " : "")}Break glass: {Plain(plan.Name)}");
        page.Words(
            $"Written {bundle.WrittenAt:yyyy-MM-dd HH:mm} UTC by version {bundle.Version}, for the plan "
            + $"`{bundle.PlanHash}`. A newer plan makes this bundle useless: approvals of it count no more.");
        page.Words(
            "There is no secret in it. `sha256sum -c SHA256SUMS` in its folder says whether its files are as they were "
            + "written; whoever changes a file can change that list too. What protects is the signer, which signs what "
            + "its own policy allows and enough people have approved, and that people read what they approve.");
        page.Section("With the program, a node and the signer");
        page.Words("In the folder of this page, with the address of a node for each chain:");
        page.Code(bundle.Chains.Select(chain => $"export {Node(chain.Id)}=https://…   # {Name(chain.Id)}"));
        page.Code($"tocsin contain ACTION --bundle . {Rpc()} --signer {bundle.Signer?.Socket ?? "SOCKET"}");
        page.Words(
            "It takes approvals, has each call signed, sends it and reads back whether it holds. Interrupted, it is "
            + "run again with the same words. Its journal is imported by the server later; nothing is done twice.");
        page.Section("With a hardware wallet alone");
        page.Words(
            "Each action below says what to sign as somebody who approves, and what to send as somebody who holds the "
            + "power on chain. The commands are those of Foundry's `cast`; put `--trezor` in the place of `--ledger` "
            + "for that wallet. A node of your own choice does for them, or any wallet that sends data to an address.");
    }

    private void Action(PlannedAction action)
    {
        page.Section($"{Plain(action.Id)}: {Plain(action.What)}");
        foreach (var effect in action.SideEffects)
            page.Item($"also: {Plain(effect)}");
        foreach (var need in action.Needs)
            page.Item($"it needs that: {Plain(need.InWords)}");
        if (action.Reversal is { } reversal)
            page.Item($"taken back by people: {Plain(reversal)}");
        if (action.Alternative is { } alternative)
            page.Item($"where it cannot be done: {Plain(alternative)}");
        if (action.Hook is { } hook)
            page.Words($"It is one request over HTTP: `{Plain(hook.InWords)}`, with what the plan gives by reference.");
        if (action.Manual is { } manual)
            page.Words($"{Plain(manual.Who)} does it by hand: {Plain(manual.Text)}");
        foreach (var (call, index) in action.OnChain.Select((call, index) => (call, index)))
            Call(call, index + 1);
        if (action.By is { } by)
            Senders(action, by);
        else if (action.Safe is { } safe)
            Owners(safe);
        else if (action.Calls.Count > 0)
            Approvers(action);
        if (action is { Calls.Count: > 0, Safe: null })
            Send(action);
        Proofs(action);
    }

    private void Call(PlannedCall planned, int number)
    {
        var (chain, target, value, data) = planned.Call;
        page.Part($"Call {number}: {Plain(planned.InWords)}");
        page.Item($"on {Name(chain)}, chain id {chain}");
        page.Item($"to `{ChecksumAddress.Format(target)}`{Known(target)}");
        page.Item($"value {value} wei");
        page.Item("data:");
        page.Code(Hex.Format(data.AsSpan()));
    }

    private void Approvers(PlannedAction action)
    {
        page.Part("Who must approve");
        foreach (var rule in plan.Decisions.Where(rule => rule.Action == action.Id))
        {
            page.Words($"By the decision '{Plain(rule.Name)}', every place by somebody else:");
            foreach (var place in plan.ApprovalRule(rule).Places)
                page.Item($"{Plain(place.Role)}: {string.Join(" or ", place.Wallets.Select(Person))}");
        }
        var byItself = LadderWords.Of(plan, action).ToList();
        if (byItself.Count > 0)
        {
            page.Part("When it is taken by itself");
            foreach (var line in byItself)
                page.Item(Plain(line.TrimStart(' ', '-')));
        }
        page.Part("As somebody who approves");
        if (bundle.DecisionOf(action) is not { } decision)
        {
            page.Words(
                "The data to sign is not here: it names the use that the signer has open, and no signer was asked when "
                + "this was written. `tocsin contain` writes it when it is begun.");
            return;
        }
        var typed = DecisionTypedData.Of(decision);
        var preimage = typed.Preimage();
        var use = bundle.Prepared.First(one => one.Action == action.Id).Use;
        page.Words(
            $"`{typedDataName(action)}` is valid for use {use} of this action, until "
            + $"{decision.ExpiresAt:yyyy-MM-dd HH:mm} UTC. Once the action was taken, that use is over and new data "
            + "is needed. Read the calls on the screen of the wallet, compare the hash by voice, and sign:");
        page.Code($"cast wallet sign --ledger --data --from-file {typedDataName(action)}");
        page.Item($"hash `{typed.Digest()}`");
        page.Item($"domain `{Hex.Format(preimage.AsSpan(2, 32))}`");
        page.Item($"message `{Hex.Format(preimage.AsSpan(34, 32))}`");
        page.Words(
            "The answer, `0x` and 130 digits, goes to whoever runs `tocsin contain`. It is no secret: it approves this "
            + "one decision.");
    }

    private void Senders(PlannedAction action, PlannedSenders by)
    {
        page.Part("Who sends it");
        page.Words($"{Plain(by.InWords)}, with their own wallets. The signer never signs it, and nobody approves it.");
        foreach (var (person, wallet) in plan.SendersOf(action))
            page.Item($"{Plain(person.Name)}, `{ChecksumAddress.Format(wallet)}`");
    }

    private void Owners(PlannedSafe safe)
    {
        page.Part("Who makes the Safe do it");
        page.Words(
            $"{safe.Threshold} of the owners of the Safe `{ChecksumAddress.Format(safe.Address)}` on "
            + $"{Name(safe.Chain)}, in the Safe's own interface: a transaction with the address, value and data above, "
            + "always a call and never a delegate call. Compare data and hash on the wallet.");
        foreach (var owner in safe.Owners)
            page.Item(Person(owner));
    }

    // A node's estimate may be of another moment than the block that it is in, and what runs out of gas does nothing.
    private const int GasLimit = 500_000;

    private void Send(PlannedAction action)
    {
        page.Part("As somebody who holds the power on chain");
        page.Words(action.By is null
            ? "Where the signer is lost, whoever else holds the role that these contracts ask for sends the same data "
                + "from their own wallet. Try it first, with your address in the place of `YOURS`; an error says that "
                + "it would fail, and why."
            : "Try it first, with your address in the place of `YOURS`; an error says that it would fail, and why.");
        page.Code(action.Calls.Select(planned =>
            $"cast call {Target(planned.Call)} --from YOURS --rpc-url ${Node(planned.Call.Chain)}"));
        page.Words("Then send it:");
        page.Code(action.Calls.Select(planned =>
            $"cast send {Target(planned.Call)} --value {planned.Call.ValueWei} --chain {planned.Call.Chain} "
            + $"--gas-limit {GasLimit} --rpc-url ${Node(planned.Call.Chain)} --ledger"));
    }

    // What ends or prolongs a pause is proved by the views of that pause.
    private void Proofs(PlannedAction action)
    {
        var paused = plan.Decisions.Where(rule => rule.AfterPause.Contains(action.Id))
            .Select(rule => plan.Action(rule.Action)).OfType<PlannedAction>().SelectMany(one => one.OnChain);
        var pauses = action.OnChain.Concat(action.By is null ? [] : paused).Where(call => call.IsPause).ToList();
        if (pauses.Count + action.Then.Count == 0)
            return;
        page.Part("Whether it worked");
        foreach (var pause in pauses)
        {
            page.Words(
                $"`{Plain(pause.Scope)}` on {Name(pause.Call.Chain)}: the first ends in 1 while it is paused, in 0 "
                + "while it is not; the second is the end of the pause in seconds since 1970 (`cast to-dec` makes it "
                + "decimal).");
            page.Code(View(pause.Call, pause.Holds), View(pause.Call, pause.Until));
        }
        foreach (var then in action.Then)
        {
            page.Words(
                $"{Plain(then.InWords)}: the first word must be {Relation(then.Relation)}"
                + $"`{Hex.Format(then.Expected.ToArray())}` ({then.Expected}).");
            page.Code(View(new Call(then.Chain, then.Target, UInt256.Zero, []), then.Data));
        }
    }

    private static string Relation(ReadRelation relation) => relation switch
    {
        ReadRelation.AtLeast => "at least ",
        ReadRelation.AtMost => "at most ",
        _ => "",
    };

    private static string View(Call call, ValueList<byte> data) =>
        $"cast call {ChecksumAddress.Format(call.Target)} --data {Hex.Format(data.AsSpan())} "
        + $"--rpc-url ${Node(call.Chain)}";

    private static string Target(Call call) =>
        $"{ChecksumAddress.Format(call.Target)} --data {Hex.Format(call.Data.AsSpan())}";

    private static string Node(ChainId chain) => $"NODE_{chain}";

    private string Rpc() => string.Join(' ', bundle.Chains.Select(
        (chain, index) => $"--rpc {(index == 0 ? "" : $"{chain.Id}=")}\"${Node(chain.Id)}\""));

    private string Name(ChainId chain) => Plain(plan.Protected.NameOf(chain));

    private string Known(Address target) =>
        plan.Protected.Controls.FirstOrDefault(control => control.Address == target) is { } control
            ? $" ({Plain(control.Name)})"
            : "";

    private string Person(Address wallet) =>
        $"{Plain(plan.People.FirstOrDefault(person => person.Wallet == wallet)?.Name ?? "somebody")} "
        + $"(`{ChecksumAddress.Format(wallet)}`)";
}
