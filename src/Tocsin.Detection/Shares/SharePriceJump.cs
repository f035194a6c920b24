using System.Numerics;
using Tocsin.Chains;
using Tocsin.Detection.Detectors;
using Tocsin.Evm;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Evm.Reads;
using Tocsin.Findings;

namespace Tocsin.Detection.Shares;

/// <inheritdoc cref="SharePriceJumpSettings"/>
internal sealed class SharePriceJump : Detector
{
    private const int GiftsOfBlockMax = 64;
    private const decimal SureOfTheft = 0.9m;
    private const decimal SureOfJump = 0.8m;

    private static readonly TimeSpan GiftsFor = TimeSpan.FromMinutes(10);

    // ERC-4626; ERC-20
    private static readonly Hash32 Deposit = Keccak256.Hash("Deposit(address,address,uint256,uint256)");

    private readonly SharePriceJumpSettings settings;
    private readonly Address vault;
    private readonly Address asset;
    private readonly DeclaredRead<UInt256> rate;
    private readonly DeclaredRead<UInt256> supply;
    private readonly Cell<RateMemory> memory = new();
    private readonly Trail<Gift> gifts = new(GiftsFor);
    private readonly List<Gift> came = [];
    private int giftsOfBlock;
    private bool hasDeposit;

    public SharePriceJump(Watch watch, SharePriceJumpSettings settings)
    {
        this.settings = settings;
        vault = watch.AddressOf(settings.Vault)!.Value;
        asset = watch.AddressOf(settings.Asset)!.Value;
        settings.TryRate(out var function);
        var one = (UInt256)BigInteger.Pow(10, settings.Decimals);
        rate = function!.Inputs.Count == 0
            ? DeclaredRead.Call<UInt256>(vault, function)
            : DeclaredRead.Call<UInt256>(vault, function, one);
        supply = ProtocolReads.TotalSupply(vault);
    }

    public override IEnumerable<LogInterest> Interests =>
        [new LogInterest(asset, Topics.Transfer), new LogInterest(vault, null)];

    public override ValueList<StateRead> Reads => [rate.Read, supply.Read];

    public override void Log(in Log log, in Transaction transaction, BlockScene scene)
    {
        if (log.Topics.Count == 0)
            return;
        // Shares that are made are a deposit too, whatever event the vault writes of it.
        if (log.Address == vault)
            hasDeposit |= log.Topics[0] == Deposit
                || (log.Topics[0] == Topics.Transfer && log.Topics.Count == 3
                    && LogWords.AddressOf(log.Topics[1]).IsZero);
        if (log.Address != asset || log.Topics[0] != Topics.Transfer || log.Topics.Count != 3
            || LogWords.AddressOf(log.Topics[2]) != vault || giftsOfBlock + came.Count >= GiftsOfBlockMax
            || !LogWords.TryRead(log.Data.Span, 0, out var amount) || amount.IsZero)
            return;
        var giver = LogWords.AddressOf(log.Topics[1]);
        var isKnown = settings.Distributors.Contains(giver) || settings.Distributors.Contains(transaction.From);
        came.Add(new Gift(scene.Block, transaction.Hash, transaction.From, giver, amount, isKnown));
    }

    public override void EndTransaction(in Transaction transaction, BlockScene scene)
    {
        if (!hasDeposit)
            foreach (var gift in came)
            {
                giftsOfBlock++;
                gifts.Add(scene, gift);
                JudgeEmpty(gift, scene);
            }
        came.Clear();
        hasDeposit = false;
    }

    public override void EndBlock(BlockScene scene) => giftsOfBlock = 0;

    public override void Answered(ReadAnswers answers, BlockScene scene)
    {
        if (!rate.TryFind(answers, out var now))
            return;
        var shares = supply.TryFind(answers, out var told) ? told : (UInt256?)null;
        if (memory.TryGet(out var before) && !before.Rate.IsZero && before.Block < scene.Block.Number)
            Judge(before, now, scene);
        memory.Set(new RateMemory(scene.Block.Number, now, shares), scene);
    }

    public override void Rollback(BlockRef ancestor)
    {
        memory.Rollback(ancestor);
        gifts.Rollback(ancestor);
    }

    public override DetectorState Snapshot() => new SharePriceJumpState(memory.Snapshot(), gifts.ToList());

    public override void Restore(DetectorState state)
    {
        if (state is not SharePriceJumpState known)
            return;
        memory.Restore(known.Rate);
        gifts.Restore(known.Gifts);
    }

    private void Judge(RateMemory before, UInt256 now, BlockScene scene)
    {
        // Where answers are missing, so many blocks had their bound each, up to ten.
        var bound = Math.Min(settings.Bound * Math.Min(scene.Block.Number - before.Block, 10), 0.99m);
        var share = ShareOf(before.Rate, now);
        if (Math.Abs(share) <= bound)
            return;
        if (share < 0)
        {
            Report(scene, IndicatorNames.SharePriceJump, Severity.Critical, SureOfTheft, -share, bound, [],
                $"One share of {settings.Vault} is worth {Words.Share(-share)} less than "
                + $"{BlocksAgo(before, scene)}: what its holders own went elsewhere.");
            return;
        }
        var since = gifts.Since(scene.Time).Where(one => one.Block > before.Block && one.Block <= scene.Block.Number)
            .Select(one => one.What).ToList();
        var strange = since.Where(gift => !gift.IsKnown).ToValueList();
        if (strange.Count == 0 && since.Count > 0 && share <= settings.YieldBound)
            return;
        var by = strange.Count > 0
            ? $"{strange[0].Giver} gave to it and got no share for it"
            : since.Count > 0 ? "a known account gave far more than a yield" : "nobody gave to it";
        Report(scene, IndicatorNames.SharePriceJump, strange.Count > 0 ? Severity.Critical : Severity.High,
            strange.Count > 0 ? SureOfTheft : SureOfJump, share, bound, strange,
            $"One share of {settings.Vault} is worth {Words.Share(share)} more than {BlocksAgo(before, scene)}; {by}. "
            + "Who borrows against shares can now take more than they are worth, and small deposits round to nothing.");
    }

    private void JudgeEmpty(Gift gift, BlockScene scene)
    {
        if (gift.IsKnown || !memory.TryGet(out var before) || before.Supply is not { } shares
            || shares > settings.EmptyShares)
            return;
        Report(scene, IndicatorNames.Donation, shares.IsZero ? Severity.Elevated : Severity.High, SureOfJump, 1, 1,
            [gift],
            $"{gift.Giver} gave assets to {settings.Vault}, which has "
            + $"{(shares.IsZero ? "no shares" : "hardly a share")}, and got none for them: so the first depositors "
            + "after it are robbed.");
    }

    private void Report(
        BlockScene scene, string name, Severity severity, decimal confidence, decimal measured, decimal threshold,
        ValueList<Gift> given, string reason)
    {
        var first = given.Count > 0 ? given[0] : default;
        scene.Report(Threat.ContractAnomaly, new Hit(
            scene.Block, scene.Time, severity, confidence, settings.Vault,
            given.DistinctBy(gift => gift.Transaction)
                .Select(gift => new AttackTransaction(gift.Block, gift.Transaction, [])).ToValueList(),
            given.Select(gift => gift.Sender).Distinct().ToValueList(),
            [scene.Indicate(name, first.Transaction, first.Sender, settings.Vault, measured, threshold, reason)])
        {
            Detector = settings.Card.Name,
            Key = $"{settings.Card.Name}/{settings.Vault}/{name}",
            Size = measured,
        });
    }

    private static string BlocksAgo(RateMemory before, BlockScene scene) =>
        scene.Block.Number - before.Block == 1
            ? "a block ago"
            : $"{Words.Count((int)Math.Min(scene.Block.Number - before.Block, 1_000_000), "block", "blocks")} ago";

    // To six places; a rate that multiplied beyond counting is cut off.
    private static decimal ShareOf(UInt256 before, UInt256 now)
    {
        var difference = ((BigInteger)now - (BigInteger)before) * 1_000_000 / (BigInteger)before;
        return (decimal)BigInteger.Min(difference, 1_000_000_000_000_000) / 1_000_000;
    }
}
