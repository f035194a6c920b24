using System.Collections.Frozen;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;

namespace Tocsin.Detection.Preparation;

/// <inheritdoc cref="AttackCodeSettings.TheCard"/>
internal sealed class AttackCode(Watch watch) : Detector
{
    private readonly CodeReading code = new(watch);
    private readonly FrozenDictionary<Address, string> ours =
        watch.Contracts.ToFrozenDictionary(contract => contract.Address, contract => contract.Name);

    // Of the transaction at hand alone.
    private string? touched;

    public override bool SeesAll => true;

    public override IEnumerable<LogInterest> Interests => ours.Keys.Order()
        .Select(address => new LogInterest(address, null))
        .Concat(watch.Assets.Select(asset => new LogInterest(asset.Address, Topics.Transfer)));

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (ours.TryGetValue(log.Address, out var name)
            || (log.Topics.Count == 3 && (ours.TryGetValue(LogWords.AddressOf(log.Topics[1]), out name)
                || ours.TryGetValue(LogWords.AddressOf(log.Topics[2]), out name))))
            touched ??= name;
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        var touches = touched;
        touched = null;
        var contract = transaction.To ?? transaction.ContractCreated;
        if (!transaction.Succeeded || contract is not { } address
            || scene.AttackWithCodeOf(address) is not { } attack || scene.Has(transaction.Hash))
            return;
        if (transaction.ContractCreated is not null)
            touches ??= code.Read(transaction.Input.Span).Names;
        if (touches is not null)
            Report(transaction, address, attack, touches, scene);
    }

    private static void Report(
        in Transaction transaction, Address contract, ProvenAttack attack, string touches, BlockScene scene)
    {
        var isMade = transaction.ContractCreated is not null;
        var reason = $"{transaction.From} {(isMade ? "made" : "called")} {contract}, which runs the code of an attack "
            + $"{attack.Where(scene.Watch.Chain)} ({attack.Finding}), and {touches} is what it is aimed at. Nothing is "
            + "known to be lost in this transaction: look at it now.";
        scene.Report(Threat.SuspiciousPreparation, new Hit(
            scene.Block, scene.Time, Severity.High, Weights.ToolOfAttack, touches,
            [new AttackTransaction(scene.Block, transaction.Hash, [])], [transaction.From, contract],
            [scene.Indicate(IndicatorNames.SameCode, transaction, touches, 1, 1, reason)])
        {
            Detector = AttackCodeSettings.TheCard.Name,
        });
    }
}
