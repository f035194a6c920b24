namespace Tocsin.Feeds;

/// <summary>The body of an answer from a stranger, who may send without end or what unpacks without end.</summary>
internal static class BoundedBody
{
    private const int PieceBytes = 16 << 10;

    /// <summary>Reads to the end, after unpacking; null where there are more bytes than allowed.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(
        HttpContent content, int maximumBytes, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > maximumBytes)
            return null;
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var body = new byte[PieceBytes];
        var length = 0;
        while (true)
        {
            if (length == body.Length)
                Array.Resize(ref body, Math.Min(2 * body.Length, maximumBytes + 1));
            var read = await stream.ReadAsync(body.AsMemory(length), cancellationToken);
            if (read == 0)
                return body.AsMemory(0, length);
            length += read;
            if (length > maximumBytes)
                return null;
        }
    }
}
