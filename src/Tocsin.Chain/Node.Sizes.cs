namespace Tocsin.Chain;

/// <content>How much memory which answer may take.</content>
public sealed partial class Node
{
    private AnswerSize SizeOf(string method) => method switch
    {
        "eth_chainId" or "eth_blockNumber" or "eth_getBlockByNumber" or "eth_getTransactionCount" or "eth_getBalance"
            or "eth_maxPriorityFeePerGas" or "eth_estimateGas" or "eth_sendRawTransaction" or "eth_getCode"
            or "eth_getStorageAt" => new AnswerSize(Least(options.MaximumSmallBytes), AnswerSize.Document),
        _ => DocumentSize,
    };

    private AnswerSize DocumentSize => new(Least(options.MaximumDocumentBytes), AnswerSize.Document);

    // Whoever lowers the limit of the largest answers means it for all.
    private int Least(int bytes) => Math.Min(bytes, options.MaximumResponseBytes);

    /// <param name="Weight">Bytes of memory that each byte of the answer costs at worst.</param>
    private readonly record struct AnswerSize(int MaximumBytes, int Weight)
    {
        /// <summary>Read as it stands.</summary>
        public const int Streamed = 1;

        /// <summary>
        /// A document notes 12 bytes for each token, and a token takes two bytes at least, with what parts them.
        /// </summary>
        public const int Document = 8;
    }
}
