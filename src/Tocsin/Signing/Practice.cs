using Tocsin.Evm;

namespace Tocsin.Signing;

/// <summary>
/// Signs and recovers with a key that nobody else has, until the runtime has compiled that code for speed: it runs a
/// few times a year otherwise, and the first time of the night would take many times as long.
/// </summary>
internal static class Practice
{
    // The runtime compiles anew what was called 30 times; more, since parts of it are called less often.
    private const int Times = 100;

    public static void Run()
    {
        var key = PrivateKey.Generate();
        for (var time = 0; time < Times; time++)
        {
            var digest = Keccak256.Hash(BitConverter.GetBytes(time));
            if (!key.Sign(digest).TryRecover(digest, out var signer) || signer != key.Address)
                throw new InvalidOperationException("what was signed here is not recovered: nothing may be signed");
        }
    }
}
