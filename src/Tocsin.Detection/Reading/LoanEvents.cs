using Tocsin.Chains;
using Tocsin.Evm.Blocks;

namespace Tocsin.Detection.Reading;

/// <summary>The layouts of the lenders' own flash-loan events, from their sources. Maker's <c>VatDaiFlashLoan</c>
/// counts internal Dai that no transfer shows, and is not read.</summary>
internal static class LoanEvents
{
    /// <summary>Reads which token was lent and how much; false where topics or data do not have the layout.</summary>
    public static bool TryRead(in Log log, EventKind kind, out Address token, out UInt256 amount)
    {
        token = default;
        amount = default;
        switch (kind)
        {
            // target, initiator, asset | amount, premium, referral code
            case EventKind.LoanAaveV2 when log.Topics.Count == 4:
                token = LogWords.AddressOf(log.Topics[3]);
                return LogWords.TryRead(log.Data.Span, 0, out amount);
            // target, asset, referral code | initiator, amount, interest mode, premium
            case EventKind.LoanAaveV3 when log.Topics.Count == 4:
                token = LogWords.AddressOf(log.Topics[2]);
                return LogWords.TryRead(log.Data.Span, 1, out amount);
            // Balancer: recipient, token | amount, fee
            case EventKind.LoanBalancerOrMaker when log.Topics.Count == 3:
                token = LogWords.AddressOf(log.Topics[2]);
                return LogWords.TryRead(log.Data.Span, 0, out amount);
            // Maker: receiver | token, amount, fee
            case EventKind.LoanBalancerOrMaker when log.Topics.Count == 2:
                return LogWords.TryReadAddress(log.Data.Span, 0, out token)
                    && LogWords.TryRead(log.Data.Span, 1, out amount);
            // caller, token | assets
            case EventKind.LoanMorpho when log.Topics.Count == 3:
                token = LogWords.AddressOf(log.Topics[2]);
                return LogWords.TryRead(log.Data.Span, 0, out amount);
            default:
                return false;
        }
    }
}
