using System.Text;
using Tocsin.Chains;

namespace Tocsin.Deployments;

/// <summary>A module's 32 bytes, which mostly are a word.</summary>
internal static class ModuleName
{
    /// <summary>Reads a word of at most 31 printable ASCII characters, or all 32 bytes in hexadecimal.</summary>
    public static bool TryParse(string text, out Hash32 module)
    {
        if (Hash32.TryParse(text, out module))
            return true;
        if (text.Length is 0 or > 31 || text.Any(letter => letter is < '!' or > '~'))
            return false;
        var bytes = new byte[Hash32.ByteCount];
        Encoding.ASCII.GetBytes(text, bytes);
        module = new Hash32(bytes);
        return true;
    }

    public static string Format(Hash32 module)
    {
        var bytes = module.ToArray().AsSpan().TrimEnd((byte)0);
        return bytes.IsEmpty || bytes.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? module.ToString()
            : Encoding.ASCII.GetString(bytes);
    }
}
