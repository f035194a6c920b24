using System.Text;
using Tocsin.Chains;
using Tocsin.Evm.Blocks;
using Tocsin.Evm.Inputs;
using Tocsin.Findings;
using Tocsin.Inputs;
using Tocsin.Tests.Detection;

namespace Tocsin.Tests.Inputs;

public class InputJsonTests
{
    private static readonly DateTimeOffset At =
        new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero).AddTicks(1_234_567);

    private static readonly BlockRef Ref = new(7, Story.Hash(2, 7));

    private static readonly CallFrame Frame = new(
        0, CallKind.DelegateCall, Story.Attacker, null, UInt256.MaxValue, new byte[] { 1, 2 }, default, "out of gas",
        new[] { new Log(3, Story.Vault, [Story.Hash(1, 1), Story.Hash(1, 2)], new byte[] { 9 }) });

    private static readonly StateSimulation Asked = new(
        Story.Vault, [new SimulatedCall(Story.Market, 5, [1, 2, 3]), new SimulatedCall(Story.Vault, default, [])]);

    private static readonly Input[] Whole =
    [
        new ChainStep.Rollback(Ref),
        new ChainStep.Final(Ref),
        new ChainStep.Traced(Ref, [new TransactionTrace(Story.Hash(1, 1), [Frame, Frame with { Depth = 1 }])]),
        new ChainStep.Answered(
            Ref,
            [
                new ReadAnswer(new StateRead.Call(Story.Vault, "0x18160ddd"), [1, 2]),
                new ReadAnswer(new StateRead.Slot(Story.Vault, Story.Hash(1, 3)), null),
            ]),
        new ChainStep.Changed(
            Ref,
            [
                new StateChange(
                    Story.Hash(1, 1), Story.Vault, new Change<UInt256>(5, UInt256.MaxValue), new Change<ulong>(1, 2),
                    new Change<ValueList<byte>>([], [0x60, 0x80]),
                    [new SlotChange(Story.Hash(1, 3), Hash32.Zero, Story.Hash(1, 4))]),
                new StateChange(Story.Hash(1, 1), Story.Market, null, null, null, []),
            ]),
        new ChainStep.Simulated(
            Ref,
            [
                new SimulationAnswer(
                    Asked,
                    [
                        new SimulatedOutcome("out of gas", [], [], []),
                        new SimulatedOutcome(
                            null, [new Log(0, Story.Vault, [Story.Hash(1, 1)], new byte[] { 9 })],
                            [new SimulatedPayment(Story.Vault, Story.Attacker, UInt256.MaxValue)],
                            [new InnerCall(CallKind.DelegateCall, Story.Vault, Story.Attacker, [1, 2, 3, 4])]),
                    ],
                    true, null),
                SimulationAnswer.None(Asked, "no node \"can\""),
            ]),
        new Arrival.Began(At),
        new Arrival.Passed(At),
        new Arrival.HeadSeen(At, Ref),
        new Arrival.Tick(At, "kraken", "USDC", 0.99870m, At),
        new Arrival.Tick(At, "kraken", "USDC", 0.0000001m, null),
        new Arrival.FeedFailed(At, "kraken", "it said \"no\"\nand more"),
        new Arrival.Beat(At, "keeper"),
        new Arrival.Acted(At, "keeper", At - TimeSpan.FromDays(1)),
        new Arrival.FrontEndSeen(At, "app", "content", "0xab", "words"),
        new Arrival.NodeTold(At, Arrival.AllNodes, NodeSymptom.BrokeFinality, true, "took back block 7"),
        new Arrival.Reported(
            At, ReportKind.CannotWithdraw, "vault", "it says \"no\"\nand <b>more</b> \u2028 \U0001F514",
            "me@example.org", Story.Hash(1, 1)),
        new Arrival.Reported(At, ReportKind.Other, "", "?", null, null),
        new Arrival.Pending(At, new PendingTransaction(
            Story.Hash(1, 1), Story.Attacker, null, ulong.MaxValue, 5, new byte[] { 1 },
            new TransactionTrace(Story.Hash(1, 1), [Frame]), null)),
        new Arrival.AttackElsewhere(
            At, new ChainId(10), new FindingId("flash-loan-attack/10/0xab"), Threat.FlashLoanAttack, At,
            [Story.Attacker], [Story.Hash(1, 1), Story.Hash(1, 2)], false),
        new Arrival.AttackElsewhere(
            At, new ChainId(10), new FindingId("flash-loan-attack/10/0xab"), Threat.FlashLoanAttack, At, [], [], true),
        new Arrival.ActionProbed(At, "pause-all", false, "it would fail: \"NotInRole\""),
        new Arrival.ChannelTried(At, "war-room", true, false, "it answered \"410\""),
        new Arrival.SilencesHeld(At, []),
        new Arrival.SilencesHeld(At, [new HeldSilence(2, true, "silence 2: every severity, because \"it is moved\"")]),
        new Arrival.OperationsAnnounced(At, []),
        new Arrival.OperationsAnnounced(
            At, [
                new ExpectedOperation(
                    "vault-2 (ada: \"audited\")", At, At.AddHours(2), Story.Attacker, Story.Vault, [Story.Hash(1, 1)]),
            ]),
    ];

    public static TheoryData<int> Places => [.. Enumerable.Range(0, Whole.Length)];

    public static TheoryData<string> Broken =>
    [
        "",
        "null",
        "[]",
        "{}",
        "{\"kind\":\"beat.1\"}",
        "{\"kind\":\"beat.1\",\"name\":\"keeper\"}",
        "{\"kind\":\"beat.1\",\"name\":null,\"arrivedAt\":\"2026-03-01T03:00:00+00:00\"}",
        "{\"kind\":\"beat.1\",\"name\":7,\"arrivedAt\":\"2026-03-01T03:00:00+00:00\"}",
        "{\"kind\":\"beat.1\",\"name\":\"a\",\"name\":\"b\",\"arrivedAt\":\"2026-03-01T03:00:00+00:00\"}",
        "{\"kind\":\"beat.1\",\"name\":\"a\",\"more\":1,\"arrivedAt\":\"2026-03-01T03:00:00+00:00\"}",
        "{\"kind\":\"beat.1\",\"name\":\"a\",\"arrivedAt\":\"yesterday\"}",
        "{\"kind\":\"beat.1\",\"name\":\"a\",\"arrivedAt\":\"2026-03-01T03:00:00+00:00\"} {}",
        "{\"kind\":\"beat.1\",\"name\":\"a\",\"arrivedAt\":\"2026-03-01T03:00:00+00:00\"",
        "{\"kind\":\"beat.2\",\"name\":\"a\",\"arrivedAt\":\"2026-03-01T03:00:00+00:00\"}",
        "{\"kind\":\"anew.1\"}",
        "{\"kind\":\"anew.1\",\"block\":-1}",
        "{\"kind\":\"block.1\"}",
        "{\"kind\":\"block.1\",\"block\":null}",
        "{\"kind\":\"rollback.1\",\"ancestor\":{\"number\":1}}",
        "{\"kind\":\"rollback.1\",\"ancestor\":{\"number\":-1,\"hash\":\"0x00\"}}",
        "{\"kind\":\"traced.1\",\"block\":{\"number\":1,\"hash\":"
            + "\"0x0000000000000000000000000000000000000000000000000000000000000001\"},\"traces\":[null]}",
    ];

    [Theory]
    [MemberData(nameof(Places))]
    public void Every_input_but_a_block_comes_back_as_it_was(int place)
    {
        var line = InputJson.Write(Whole[place]);

        var read = Assert.IsType<LoggedInput.Whole>(InputJson.Read(line)).Input;

        Assert.DoesNotContain((byte)'\n', line);
        Assert.Equal(Encoding.UTF8.GetString(line), Encoding.UTF8.GetString(InputJson.Write(read)));
        Assert.IsType(Whole[place].GetType(), read);
    }

    [Fact]
    public void Every_kind_of_input_has_an_example_here()
    {
        var kinds = typeof(Input).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Input)) && !type.IsAbstract);

        Assert.Empty(kinds.Except(Whole.Select(input => input.GetType())).Except([typeof(ChainStep.Forward)]));
    }

    [Fact]
    public void What_a_trace_holds_comes_back()
    {
        var traced = (ChainStep.Traced)((LoggedInput.Whole)InputJson.Read(InputJson.Write(Whole[2]))).Input;
        var frame = traced.Traces[0].Frames[0];

        Assert.Equal((Frame.Kind, Frame.To, Frame.Error), (frame.Kind, frame.To, frame.Error));
        Assert.Equal(Frame.ValueWei, frame.ValueWei);
        Assert.Equal(Frame.Input.ToArray(), frame.Input.ToArray());
        Assert.Equal(Frame.Logs.Span[0].Topics, frame.Logs.Span[0].Topics);
        Assert.Equal(Frame.Logs.Span[0].Data.ToArray(), frame.Logs.Span[0].Data.ToArray());
    }

    [Fact]
    public void A_price_keeps_its_digits_and_an_instant_its_ticks()
    {
        var tick =
            (Arrival.Tick)(
                (LoggedInput.Whole)InputJson.Read(InputJson.Write(Whole.OfType<Arrival.Tick>().First()))).Input;

        Assert.Equal("0.99870", tick.Price.ToString());
        Assert.Equal(At, tick.ArrivedAt);
    }

    [Fact]
    public void A_block_is_only_marked()
    {
        var block = new Story().NextBlock(tx => tx.By(Story.Attacker, Story.Vault));

        var line = InputJson.Write(new ChainStep.Forward(block));

        Assert.Equal(
            new LoggedInput.Marked(new BlockMark(block.Ref, block.ParentHash, block.Time)), InputJson.Read(line));
        Assert.DoesNotContain(Story.Attacker.ToString()[2..], Encoding.UTF8.GetString(line), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ulong.MaxValue)]
    public void A_beginning_anew_is_marked_with_its_block(ulong? block)
    {
        var line = InputJson.WriteAnew(block);

        Assert.Equal(new LoggedInput.Anew(block), InputJson.Read(line));
        Assert.StartsWith("{\"kind\":\"anew.1\",", Encoding.UTF8.GetString(line), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Anything_else_is_refused(string line) =>
        Assert.Throws<FormatException>(() => InputJson.Read(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void A_line_cut_or_changed_anywhere_is_refused_or_an_input()
    {
        foreach (var input in Whole)
        {
            var line = InputJson.Write(input);
            for (var at = 0; at < line.Length; at++)
            {
                var cut = line[..at];
                Assert.Throws<FormatException>(() => InputJson.Read(cut));
                var changed = (byte[])line.Clone();
                changed[at] ^= 0x11;
                ReadOrRefuse(changed);
            }
        }
    }

    private static void ReadOrRefuse(byte[] line)
    {
        try
        {
            InputJson.Read(line);
        }
        catch (FormatException)
        {
            // Refused, which is as good.
        }
    }
}
