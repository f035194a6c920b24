using Tocsin.Chains;

namespace Tocsin.Plans;

/// <summary>How an answer compares with what is expected.</summary>
public enum ReadRelation
{
    Is,
    AtLeast,
    AtMost,
}

/// <summary>What the first word of an answer stands for.</summary>
public enum AnswerForm
{
    Number,
    Flag,
    Account,
    Bytes,
}

/// <summary>A view of a contract and what it must answer: a condition of an action, before or after it.</summary>
/// <param name="Data">The calldata of the view.</param>
/// <param name="Expected">The word with which the answer's first word is compared.</param>
/// <param name="Decoded">The view with its arguments, as the plan writes it.</param>
/// <param name="InWords">What it means, for people.</param>
public sealed record PlannedRead(
    ChainId Chain,
    Address Target,
    ValueList<byte> Data,
    AnswerForm Form,
    ReadRelation Relation,
    UInt256 Expected,
    string Decoded,
    string InWords,
    SourceLine At)
{
    /// <summary>Null where the answer is as expected; otherwise what it is instead, in words.</summary>
    public string? Judge(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < UInt256.ByteCount)
            return $"{InWords}: {Decoded} answered {answer.Length} bytes, and a value has {UInt256.ByteCount}";
        var word = new UInt256(answer[..UInt256.ByteCount]);
        var holds = Relation switch
        {
            ReadRelation.Is => word == Expected,
            ReadRelation.AtLeast => word >= Expected,
            ReadRelation.AtMost => word <= Expected,
        };
        return holds ? null : $"{InWords}: {Decoded} is {Told(word)} and not {Wanted}";
    }

    private string Wanted => Relation switch
    {
        ReadRelation.Is => Told(Expected),
        ReadRelation.AtLeast => $"at least {Told(Expected)}",
        ReadRelation.AtMost => $"at most {Told(Expected)}",
    };

    private string Told(UInt256 word) => Form switch
    {
        AnswerForm.Number => word.ToString(),
        AnswerForm.Flag => word.IsZero ? "false" : "true",
        AnswerForm.Account => new Address(word.ToArray().AsSpan(UInt256.ByteCount - Address.ByteCount)).ToString(),
        AnswerForm.Bytes => Hex.Format(word.ToArray()),
    };
}
