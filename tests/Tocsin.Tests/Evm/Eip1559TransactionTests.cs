using FsCheck;
using FsCheck.Fluent;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Transactions;

namespace Tocsin.Tests.Evm;

public sealed class Eip1559TransactionTests
{
    /// <summary>The first development key of Anvil.</summary>
    private static readonly PrivateKey Key =
        new(Hex.Parse("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"));

    private static readonly Eip1559Transaction Pause = new(
        new ChainId(31337),
        Nonce: 9,
        MaxPriorityFeePerGasWei: 1_000_000_000,
        MaxFeePerGasWei: 3_000_000_000,
        GasLimit: 120_000,
        Address.Parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        ValueWei: 5,
        AbiFunction.Parse("pause(bytes32,uint64,bytes32)").Encode(
            Hash32.Parse("0x6d696e74696e6700000000000000000000000000000000000000000000000000"),
            3600,
            new Hash32(UInt256.One.ToArray())));

    /// <summary>The same call signed by Foundry's cast 1.7.1.</summary>
    private static readonly byte[] Raw = Hex.Parse(
        "0x02f8d2827a6909843b9aca0084b2d05e008301d4c0945aaeb6053f3e94c9b9a09f33669435e7ef1beaed05b86472c1ddda"
        + "6d696e74696e6700000000000000000000000000000000000000000000000000"
        + "0000000000000000000000000000000000000000000000000000000000000e10"
        + "0000000000000000000000000000000000000000000000000000000000000001"
        + "c001a0b3cffc0a45b9791ee48d0e0ace92b34a281a382978a1ee10e08706925b48e36b"
        + "a071822ee4c6de3d60fa29432e6e15b70a26e308aac991ba3581b99559e7c4d529");

    [Fact]
    public void Signing_gives_the_bytes_that_other_tools_give()
    {
        var signed = Pause.Sign(Key);
        Assert.Equal(Hex.Format(Raw), Hex.Format(signed.Raw));
        Assert.Equal("0x606a205a2304002693508bc52c0278b20efe23c964c27390b78dc7150697f593", signed.Hash.ToString());
    }

    [Fact]
    public void What_a_signer_returns_is_read_with_its_sender()
    {
        Assert.True(Eip1559Transaction.TryParseSigned(Raw, out var transaction, out var sender));
        Assert.Equal(Pause, transaction);
        Assert.Equal(Key.Address, sender);
        Assert.NotEqual(Pause, transaction with { ValueWei = 6 });
    }

    [Fact]
    public void Any_call_survives_signing_and_reading() => Prop.ForAll<ulong, byte[], ulong>((number, data, other) =>
    {
        var call = new Eip1559Transaction(
            new ChainId(other), number, other, new UInt256(number, other), number, Key.Address, UInt256.MaxValue, data);
        return Eip1559Transaction.TryParseSigned(call.Sign(Key).Raw, out var read, out var sender)
            && read == call
            && read.Data.AsSpan().SequenceEqual(data)
            && sender == Key.Address;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_changed_byte_never_reads_as_signed_by_the_same_key()
    {
        for (var i = 0; i < Raw.Length; i++)
        {
            var changed = Raw.ToArray();
            changed[i] ^= 1;
            Assert.False(Eip1559Transaction.TryParseSigned(changed, out _, out var sender) && sender == Key.Address);
            Assert.False(Eip1559Transaction.TryParseSigned(Raw.AsSpan(0, i), out _, out _));
        }
        Assert.False(Eip1559Transaction.TryParseSigned([.. Raw, 0], out _, out _));
    }

    [Theory]
    [InlineData(
        "a legacy transaction",
        "0xf8660984b2d05e008301d4c0945aaeb6053f3e94c9b9a09f33669435e7ef1beaed808082f4f5"
            + "a0e9f14943c21c4913fd96e7d536e57c9382cde6e8bf7d4d0f4ff886d81c65a362"
            + "a03e2a06e757f486e9754d8e3878647ba948e2df3e6c599266aa70d5ed9697d606")]
    [InlineData(
        "an access list",
        "0x02f884827a6909843b9aca0084b2d05e008301d4c0945aaeb6053f3e94c9b9a09f33669435e7ef1beaed8080"
            + "d7d6945aaeb6053f3e94c9b9a09f33669435e7ef1beaedc0"
            + "80a0133438b49fcd7d7eee18d8efb07e6431ffa4d6bbca133dcb45933038a49e1ddf"
            + "a01a1d33b1cfd4e77ecd9d2cdd274ae740c4aa5426cc078b946518dc8311c920aa")]
    [InlineData("no list", "0x0280")]
    [InlineData("an empty list", "0x02c0")]
    [InlineData("nothing", "0x")]
    public void Everything_else_is_refused(string what, string raw) =>
        Assert.False(Eip1559Transaction.TryParseSigned(Hex.Parse(raw), out _, out _), what);

    [Fact]
    public void The_twin_of_a_signature_is_refused()
    {
        var order = UInt256.Parse("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
        var signature = Key.Sign(Pause.SigningHash());
        var twin = new Signature(signature.R, order - signature.S, (byte)(1 - signature.YParity));
        Assert.True(Eip1559Transaction.TryParseSigned(Pause.With(signature).Raw, out _, out _));
        Assert.False(Eip1559Transaction.TryParseSigned(Pause.With(twin).Raw, out _, out _));
    }
}
