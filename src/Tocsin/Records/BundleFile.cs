using Tocsin.Texts;

namespace Tocsin.Records;

/// <summary>A bundle that somebody gave us.</summary>
internal static class BundleFile
{
    /// <exception cref="InputException">It is no file that can be read, or is larger than a bundle is.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            // Devices and pipes have no length: they may never answer, or never stop.
            var length = new FileInfo(path).Length;
            if (length is 0 or > StoredZip.BytesMax + (1 << 20))
                throw new InputException($"{path} is no bundle: it has {length:N0} bytes");
            var bytes = new byte[length];
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
