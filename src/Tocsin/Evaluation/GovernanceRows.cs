using System.Globalization;
using System.Text.Json;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Blocks;
using Tocsin.Inputs;
using Tocsin.Replay;
using Tocsin.Texts;

namespace Tocsin.Evaluation;

/// <summary>A recorded event of a governor, with the log that the contract wrote.</summary>
/// <param name="Proposal">What it is about; null where the event does not say.</param>
/// <param name="Actor">Who sent it, as far as the event tells; otherwise the zero address.</param>
internal sealed record GovernanceRow(
    string Event, ulong Block, Hash32 Transaction, int LogIndex, DateTimeOffset Time, Address Contract,
    string? Proposal, Address Actor, LogTopics Topics, ValueList<byte> Data)
{
    public bool IsProposal => Event is "ProposalCreated" or "StartVote";
}

/// <summary>Reads <c>governance/*.jsonl.gz</c> and writes the logs again that its fields came from.</summary>
internal static class GovernanceRows
{
    private static readonly AbiEvent ProposalCreated = AbiEvent.Parse("ProposalCreated(uint256,address,address[],"
        + "uint256[],string[],bytes[],uint256,uint256,string)");

    private static readonly AbiEvent VoteCastAlpha = AbiEvent.Parse("VoteCast(address,uint256,bool,uint256)");
    private static readonly AbiEvent VoteCast =
        AbiEvent.Parse("VoteCast(address indexed,uint256,uint8,uint256,string)");

    private static readonly AbiEvent ProposalExecuted = AbiEvent.Parse("ProposalExecuted(uint256)");
    private static readonly AbiEvent ProposalQueued = AbiEvent.Parse("ProposalQueued(uint256,uint256)");
    private static readonly AbiEvent ProposalCanceled = AbiEvent.Parse("ProposalCanceled(uint256)");
    private static readonly AbiEvent StartVote = AbiEvent.Parse("StartVote(uint256 indexed,address indexed,string)");
    private static readonly AbiEvent CastVote =
        AbiEvent.Parse("CastVote(uint256 indexed,address indexed,bool,uint256)");

    private static readonly AbiEvent CastObjection =
        AbiEvent.Parse("CastObjection(uint256 indexed,address indexed,uint256)");

    private static readonly AbiEvent ExecuteVote = AbiEvent.Parse("ExecuteVote(uint256 indexed)");
    private static readonly AbiEvent ScriptResult =
        AbiEvent.Parse("ScriptResult(address indexed,bytes,bytes,bytes)");

    private static readonly AbiEvent ChangeVoteTime = AbiEvent.Parse("ChangeVoteTime(uint64)");
    private static readonly AbiEvent ChangeObjectionPhaseTime = AbiEvent.Parse("ChangeObjectionPhaseTime(uint64)");

    /// <summary>All rows of a file in chain order.</summary>
    /// <param name="reject">Is told of each line that is no event of these kinds.</param>
    public static List<GovernanceRow> Read(string file, Action<string> reject)
    {
        var rows = new List<GovernanceRow>();
        using var lines = LineReader.Open(file, RecordedBlock.LineBytesMax);
        while (lines.Read())
        {
            if (lines.IsTooLong)
                throw new InputException($"{lines.Place} is longer than {RecordedBlock.LineBytesMax} bytes");
            try
            {
                using var document = RecordedBlock.Parse(lines.Line);
                rows.Add(Row(document.RootElement));
            }
            catch (FormatException e)
            {
                reject($"rejected: {lines.Place}: {e.Message}");
            }
        }
        return [.. rows.OrderBy(row => row.Block).ThenBy(row => row.LogIndex)];
    }

    private static GovernanceRow Row(JsonElement root)
    {
        var name = RpcJson.Text(root, "event_name");
        var (declared, values, actor) = Values(name, root);
        var log = Encode(declared, values);
        return new GovernanceRow(
            name, (ulong)Number(root, "block_number"), RpcJson.Hash(root, "txhash"), (int)Number(root, "log_index"),
            Instant(RpcJson.Text(root, "timestamp")), RpcJson.Address(root, "contract_address"),
            Text(root, "voteId") ?? Text(root, "proposalId") ?? Text(root, "id"), actor, log.Topics, log.Data);
    }

    private static (AbiEvent Event, object[] Values, Address Actor) Values(string name, JsonElement root) => name switch
    {
        "ProposalCreated" => Created(root),
        "VoteCast" => Vote(root),
        "ProposalExecuted" => (ProposalExecuted, [Whole(root, "id")], default),
        "ProposalQueued" => (ProposalQueued, [Whole(root, "id"), Whole(root, "eta")], default),
        "ProposalCanceled" => (ProposalCanceled, [Whole(root, "id")], default),
        "StartVote" => (StartVote, [Whole(root, "voteId"), RpcJson.Address(root, "creator"),
            Text(root, "metadata") ?? ""], RpcJson.Address(root, "creator")),
        "CastVote" => (CastVote, [Whole(root, "voteId"), RpcJson.Address(root, "voter"),
            Text(root, "supports") == "True", Whole(root, "stake")], RpcJson.Address(root, "voter")),
        "CastObjection" => (CastObjection, [Whole(root, "voteId"), RpcJson.Address(root, "voter"),
            Whole(root, "stake")], RpcJson.Address(root, "voter")),
        "ExecuteVote" => (ExecuteVote, [Whole(root, "voteId")], default),
        "ScriptResult" => (ScriptResult, [RpcJson.Address(root, "executor"), Literal(Text(root, "script")),
            Literal(Text(root, "input")), Literal(Text(root, "returnData"))], default),
        "ChangeVoteTime" => (ChangeVoteTime, [Whole(root, "voteTime")], default),
        "ChangeObjectionPhaseTime" => (ChangeObjectionPhaseTime, [Whole(root, "objectionPhaseTime")], default),
        _ => throw new FormatException($"'{name}' is no event that is known here"),
    };

    // The source leaves out what is empty; the amounts of ether are never there.
    private static (AbiEvent Event, object[] Values, Address Actor) Created(JsonElement root)
    {
        var targets = Items(root, "targets").Select(item => (object)RpcJson.ToAddress(item, "targets")).ToArray();
        var signatures = Items(root, "signatures").Select(item => (object)(item.GetString() ?? "")).ToList();
        var calldatas = Items(root, "calldatas").Select(item => (object)RpcJson.ToBytes(item, "calldatas")).ToArray();
        while (signatures.Count < targets.Length)
            signatures.Add("");
        var proposer = RpcJson.Address(root, "proposer");
        return (
            ProposalCreated,
            [
                Whole(root, "id"), proposer, targets, Enumerable.Repeat((object)UInt256.Zero, targets.Length).ToArray(),
                signatures.ToArray(), calldatas, Whole(root, "startBlock"), Whole(root, "endBlock"),
                Text(root, "description") ?? "",
            ],
            proposer);
    }

    private static (AbiEvent Event, object[] Values, Address Actor) Vote(JsonElement root)
    {
        var voter = RpcJson.Address(root, "voter");
        return Text(root, "support") is "True" or "False"
            ? (VoteCastAlpha, [voter, Whole(root, "proposalId"), Text(root, "support") == "True", Whole(root, "votes")],
                voter)
            : (VoteCast, [voter, Whole(root, "proposalId"), Whole(root, "support"), Whole(root, "votes"),
                Text(root, "reason") ?? ""], voter);
    }

    private static (LogTopics Topics, ValueList<byte> Data) Encode(AbiEvent declared, object[] values)
    {
        try
        {
            var topics = new List<Hash32> { declared.Topic0 };
            var inData = new List<(AbiParameter Parameter, object Value)>();
            foreach (var (parameter, value) in declared.Parameters.Zip(values))
                if (parameter.Indexed)
                    topics.Add(new Hash32(AbiEncoder.Encode([parameter], value)));
                else
                    inData.Add((parameter, value));
            var data = AbiEncoder.Encode(
                [.. inData.Select(one => one.Parameter)], inData.Select(one => one.Value).ToArray());
            return (LogTopics.Create([.. topics]), ValueList.Create<byte>(data));
        }
        catch (AbiException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Bytes as 0x hexadecimal, or as the literal that Python prints: <c>b'\x00a'</c>.</summary>
    private static byte[] Literal(string? text)
    {
        if (text is null)
            return [];
        if (Hex.TryParse(text, out var hex))
            return hex;
        if (text is not ['b', '\'' or '"', .., '\'' or '"'])
            throw new FormatException("bytes are 0x hexadecimal or a literal b'…'");
        var bytes = new List<byte>();
        for (var at = 2; at < text.Length - 1; at++)
        {
            if (text[at] != '\\')
            {
                bytes.Add(char.IsAscii(text[at]) ? (byte)text[at] : throw new FormatException("a literal holds ASCII"));
                continue;
            }
            at++;
            bytes.Add(text[at] switch
            {
                'x' when at + 2 < text.Length => byte.Parse(
                    text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                'n' => (byte)'\n',
                'r' => (byte)'\r',
                't' => (byte)'\t',
                '\\' or '\'' or '"' => (byte)text[at],
                _ => throw new FormatException($"'\\{text[at]}' is not expected in a literal"),
            });
            at += text[at] == 'x' ? 2 : 0;
        }
        return [.. bytes];
    }

    private static IEnumerable<JsonElement> Items(JsonElement root, string name) =>
        RpcJson.Optional(root, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    private static UInt256 Whole(JsonElement root, string name) =>
        UInt256.TryParse(Text(root, name) ?? "", out var value)
            ? value
            : throw new FormatException($"'{name}' is no whole number");

    private static long Number(JsonElement root, string name) =>
        RpcJson.Field(root, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number)
            && number >= 0
            ? number
            : throw new FormatException($"'{name}' is no whole number");

    private static DateTimeOffset Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new FormatException($"'{text}' is no instant");

    private static string? Text(JsonElement root, string name) => RpcJson.Optional(root, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };
}
