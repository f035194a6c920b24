using Tocsin.Detection;

namespace Tocsin.Tests.Detection;

public sealed class CodeHashTests
{
    private static readonly byte[] Body =
        [.. Enumerable.Range(0, 400).SelectMany(i => (byte[])[0x60, (byte)(i % 256)])];
    private static readonly byte[] Metadata = [0xa2, 0x64, .. "ipfs"u8, 0x58, 0x22];
    private static readonly byte[] One = Story.Vault.ToArray();
    private static readonly byte[] Other = Story.Market.ToArray();

    public static TheoryData<string, byte[], byte[], bool> Pairs => new()
    {
        { "itself", Body, Body, true },
        { "other arguments", [.. Body, .. Metadata, 1, 2], [.. Body, .. Metadata, 3, 4, 5], true },
        { "another address", [0x73, .. One, .. Body, .. Metadata], [0x73, .. Other, .. Body, .. Metadata], true },
        { "another number", [0x60, 1, .. Body, .. Metadata], [0x60, 2, .. Body, .. Metadata], false },
        // What looks like PUSH20 within the operand of another push is no instruction.
        { "an operand", [0x61, 0, 0x73, .. One, .. Body], [0x61, 0, 0x73, .. Other, .. Body], false },
        { "a long end without metadata", [.. Body, .. Body, 1], [.. Body, .. Body, 2], true },
        { "a short end without metadata", [.. Body, 1], [.. Body, 2], false },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Pairs))]
    public void Contracts_of_one_source_have_one_hash(string what, byte[] one, byte[] other, bool areSame) =>
        Assert.True(areSame == (CodeHash.Of(one) == CodeHash.Of(other)), what);

    [Fact]
    public void Clones_and_proxies_have_none()
    {
        Assert.NotNull(CodeHash.Of(Body));
        Assert.Null(CodeHash.Of([]));
        Assert.Null(CodeHash.Of(Body.AsSpan(0, 511)));
        Assert.Null(CodeHash.Of([.. Body.AsSpan(0, 100), .. Metadata, .. Body]));
        Assert.Null(CodeHash.Of([.. Body, 0x7f, .. ProxySlots.Implementation.ToArray(), .. Metadata]));
        Assert.Null(CodeHash.Of([.. Body, 0x7f, .. ProxySlots.Beacon.ToArray(), .. Metadata]));
    }

    [Fact]
    public void A_push_that_the_code_does_not_finish_is_no_fault() =>
        Assert.NotNull(CodeHash.Of([.. Body, 0x73, 1, 2]));
}
