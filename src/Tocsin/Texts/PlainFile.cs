namespace Tocsin.Texts;

/// <summary>
/// A file that a person names: read to its end, so it must have one. Devices and pipes are never opened, as they may
/// never answer or never stop.
/// </summary>
internal static class PlainFile
{
    /// <summary>The whole text; an empty one where there is nothing, and for what is no regular file.</summary>
    /// <exception cref="IOException">
    /// It is not there, cannot be read, or is larger. The message does not name it: a secret may stand where its name
    /// should be.
    /// </exception>
    public static string Read(string path, int maximumBytes)
    {
        try
        {
            FileSystemInfo named = new FileInfo(path);
            var file = named.ResolveLinkTarget(returnFinalTarget: true) ?? named;
            // Devices, pipes and sockets have no length.
            if (new FileInfo(file.FullName).Length == 0)
                return "";
            using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[Math.Min(stream.Length, maximumBytes) + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > maximumBytes)
                throw new IOException($"it has more than {maximumBytes:N0} bytes");
            return new StreamReader(new MemoryStream(bytes, 0, length)).ReadToEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException("there is no such file", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException("it may not be read, or its name is none", e);
        }
    }
}
