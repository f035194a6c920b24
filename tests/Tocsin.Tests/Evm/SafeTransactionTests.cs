using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Evm.Abi;
using Tocsin.Evm.Safes;

namespace Tocsin.Tests.Evm;

public sealed class SafeTransactionTests
{
    private static readonly ChainId Chain = new(1);
    private static readonly Address Safe = Address.Parse("0x5afe5afe5afe5afe5afe5afe5afe5afe5afe5afe");
    private static readonly Address Brake = Address.Parse("0xb4a8eb4a8eb4a8eb4a8eb4a8eb4a8eb4a8eb4a8e");
    private static readonly SafeTransaction Pause = new(Chain, Safe, Brake, UInt256.Zero, [0x84, 0x56, 0xcb, 0x59]);

    [Fact]
    public void What_is_written_is_read_whoever_signed_it()
    {
        var owners = new[] { PrivateKey.Generate(), PrivateKey.Generate(), PrivateKey.Generate() };
        var digest = Pause.ToSign(7).Digest();
        var signatures = owners.Select(key => new OwnerSignature(key.Address, key.Sign(digest))).ToList();

        Assert.Equal(Pause, SafeTransaction.Read(Chain, Safe, Pause.Calldata([])));
        Assert.Equal(Pause, SafeTransaction.Read(Chain, Safe, Pause.Calldata(signatures)));
    }

    [Fact]
    public void Signatures_are_in_the_order_that_the_Safe_wants_whoever_signed_first()
    {
        var signatures = Enumerable.Range(0, 5)
            .Select(_ => PrivateKey.Generate())
            .Select(key => new OwnerSignature(key.Address, key.Sign(Pause.ToSign(0).Digest())))
            .ToList();

        var calldata = Pause.Calldata(signatures);

        Assert.Equal(calldata, Pause.Calldata(signatures.AsEnumerable().Reverse()));
        var places = signatures.OrderBy(given => given.Owner)
            .Select(given => calldata.AsSpan().IndexOf(Hex.Parse(given.Signature.ToHex())))
            .ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public void A_signature_is_for_one_nonce_one_Safe_and_one_chain()
    {
        var other = Pause with { Safe = Brake };
        var elsewhere = Pause with { Chain = new ChainId(10) };

        Assert.Equal(4, new[]
        {
            Pause.ToSign(0).Digest(), Pause.ToSign(1).Digest(), other.ToSign(0).Digest(), elsewhere.ToSign(0).Digest(),
        }.Distinct().Count());
    }

    [Theory]
    [InlineData(3, 1)] // a delegatecall
    [InlineData(4, 50_000)] // gas of the Safe's own choice
    [InlineData(5, 1)]
    [InlineData(6, 1)] // a price: whoever sends it is paid
    public void What_could_change_owners_or_pay_the_sender_is_none(int argument, int value)
    {
        var function = AbiFunction.Parse(
            "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)");
        object[] arguments =
        [
            Brake, UInt256.Zero, new byte[] { 1 }, UInt256.Zero, UInt256.Zero, UInt256.Zero, UInt256.Zero,
            Address.Zero, Address.Zero, Array.Empty<byte>(),
        ];
        Assert.NotNull(SafeTransaction.Read(Chain, Safe, function.Encode(arguments)));

        arguments[argument] = (UInt256)(ulong)value;

        Assert.Null(SafeTransaction.Read(Chain, Safe, function.Encode(arguments)));
    }

    [Fact]
    public void Any_other_bytes_are_refused()
    {
        var calldata = Pause.Calldata([]);
        for (var place = 0; place < calldata.Length; place++)
        {
            foreach (byte change in (byte[])[0x01, 0x20, 0xff])
            {
                var bytes = calldata.ToArray();
                bytes[place] ^= change;
                Assert.NotEqual(Pause, SafeTransaction.Read(Chain, Safe, bytes));
            }
        }
        Assert.Null(SafeTransaction.Read(Chain, Safe, []));
        Assert.Null(SafeTransaction.Read(Chain, Safe, calldata.AsSpan(..^1)));
        Assert.Null(SafeTransaction.Read(Chain, Safe, (byte[])[.. calldata, 0]));
    }
}
