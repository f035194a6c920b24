using System.Text;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Tests.Evm;

public sealed class ScryptTests
{
    /// <summary>RFC 7914, section 12.</summary>
    [Theory]
    [InlineData("", "", 16, 1, 1,
        "0x77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData("password", "NaCl", 1024, 8, 16,
        "0xfdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    public void The_vectors_of_the_RFC_hold(
        string password, string salt, long cost, long blockSize, long parallelisation, string derived) =>
        Assert.Equal(derived, Hex.Format(Scrypt.DeriveKey(
            Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), cost, blockSize, parallelisation, 64)));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 1, 1)]
    [InlineData(2, 0, 1)]
    [InlineData(2, 1, 0)]
    [InlineData(1 << 20, 8, 1)]
    [InlineData(1 << 15, 64, 16)]
    [InlineData(2, 1024, 1024)]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue)]
    public void Parameters_that_nobody_needs_are_refused(long cost, long blockSize, long parallelisation) =>
        Assert.Throws<ArgumentException>(() => Scrypt.DeriveKey([], [], cost, blockSize, parallelisation, 32));
}
