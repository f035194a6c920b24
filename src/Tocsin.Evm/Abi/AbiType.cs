namespace Tocsin.Evm.Abi;

/// <summary>
/// A Solidity type as the contract ABI encodes it (Solidity documentation, "Contract ABI Specification"). Depth and
/// size are bounded at construction, so whoever walks a type needs no bound of his own.
/// </summary>
public abstract record AbiType
{
    /// <summary>The deepest nesting of arrays and tuples.</summary>
    public const int MaxDepth = 16;

    /// <summary>The most bytes that a type without dynamic parts may take.</summary>
    public const int MaxStaticByteCount = 1 << 20;

    internal const int WordByteCount = 32;

    private AbiType()
    {
    }

    /// <summary>The name that signatures hash, for example <c>(uint256,address)[]</c>.</summary>
    public abstract string CanonicalName { get; }

    /// <summary>True where the encoding's length depends on the value, so that the head holds an offset.</summary>
    public virtual bool IsDynamic => false;

    /// <summary>True for arrays and tuples, of which an indexed event parameter keeps only a hash.</summary>
    public virtual bool IsComposite => false;

    /// <summary>The bytes it takes in the head: its whole encoding, or one offset where it is dynamic.</summary>
    internal virtual int HeadByteCount => WordByteCount;

    private protected virtual int Depth => 0;

    /// <summary>Reads a type as Solidity writes it; tuples are <c>(…)</c> or <c>tuple(…)</c>.</summary>
    /// <exception cref="FormatException">The text is no type; the message says what is wrong.</exception>
    public static AbiType Parse(string text)
    {
        var reader = new SignatureReader(text);
        var type = reader.ReadType();
        reader.ExpectEnd();
        return type;
    }

    public sealed override string ToString() => CanonicalName;

    /// <summary><c>uint8</c> to <c>uint256</c>; values are <see cref="Chains.UInt256"/>.</summary>
    public sealed record UnsignedInteger : AbiType
    {
        public UnsignedInteger(int bits) => Bits = CheckedBits(bits);

        public int Bits { get; }

        public override string CanonicalName => $"uint{Bits}";
    }

    /// <summary><c>int8</c> to <c>int256</c>; values are <see cref="System.Numerics.BigInteger"/>.</summary>
    public sealed record SignedInteger : AbiType
    {
        public SignedInteger(int bits) => Bits = CheckedBits(bits);

        public int Bits { get; }

        public override string CanonicalName => $"int{Bits}";
    }

    /// <summary><c>address</c>; values are <see cref="Chains.Address"/>.</summary>
    public sealed record Account : AbiType
    {
        public override string CanonicalName => "address";
    }

    /// <summary><c>bool</c>.</summary>
    public sealed record Flag : AbiType
    {
        public override string CanonicalName => "bool";
    }

    /// <summary><c>bytes1</c> to <c>bytes32</c>; values are byte arrays of exactly that length.</summary>
    public sealed record FixedBytes : AbiType
    {
        public FixedBytes(int byteCount) =>
            ByteCount = byteCount is >= 1 and <= WordByteCount
                ? byteCount
                : throw new AbiException($"'bytes{byteCount}' is not a Solidity type");

        public int ByteCount { get; }

        public override string CanonicalName => $"bytes{ByteCount}";
    }

    /// <summary><c>function</c>: an address and a selector; values are byte arrays of those 24 bytes.</summary>
    public sealed record ExternalFunction : AbiType
    {
        internal const int ByteCount = 24;

        public override string CanonicalName => "function";
    }

    /// <summary><c>bytes</c>; values are byte arrays.</summary>
    public sealed record Bytes : AbiType
    {
        public override string CanonicalName => "bytes";

        public override bool IsDynamic => true;
    }

    /// <summary><c>string</c>, encoded as UTF-8.</summary>
    public sealed record Text : AbiType
    {
        public override string CanonicalName => "string";

        public override bool IsDynamic => true;
    }

    /// <summary><c>T[n]</c>; values are object arrays of that length.</summary>
    public sealed record FixedArray : AbiType
    {
        public FixedArray(AbiType element, int count)
        {
            if (count < 1)
                throw new AbiException($"an array of {count} elements is not a Solidity type");
            CheckSize((long)count * element.HeadByteCount);
            CheckDepth(element);
            (Element, Count) = (element, count);
        }

        public AbiType Element { get; }

        public int Count { get; }

        public override string CanonicalName => $"{Element.CanonicalName}[{Count}]";

        public override bool IsDynamic => Element.IsDynamic;

        public override bool IsComposite => true;

        internal override int HeadByteCount => IsDynamic ? WordByteCount : Count * Element.HeadByteCount;

        private protected override int Depth => Element.Depth + 1;
    }

    /// <summary><c>T[]</c>; values are object arrays.</summary>
    public sealed record DynamicArray : AbiType
    {
        public DynamicArray(AbiType element)
        {
            CheckDepth(element);
            Element = element;
        }

        public AbiType Element { get; }

        public override string CanonicalName => $"{Element.CanonicalName}[]";

        public override bool IsDynamic => true;

        public override bool IsComposite => true;

        private protected override int Depth => Element.Depth + 1;
    }

    /// <summary>A struct; values are object arrays with one item a component.</summary>
    public sealed record Tuple : AbiType
    {
        public Tuple(ValueList<AbiParameter> components)
        {
            if (components.Count == 0)
                throw new AbiException("a tuple without components is not a Solidity type");
            CheckSize(components.Sum(component => (long)component.Type.HeadByteCount));
            foreach (var component in components)
                CheckDepth(component.Type);
            Components = components;
        }

        public ValueList<AbiParameter> Components { get; }

        public override string CanonicalName => AbiParameter.CanonicalList(Components);

        public override bool IsDynamic => Components.Any(component => component.Type.IsDynamic);

        public override bool IsComposite => true;

        internal override int HeadByteCount =>
            IsDynamic ? WordByteCount : Components.Sum(component => component.Type.HeadByteCount);

        private protected override int Depth => Components.Max(component => component.Type.Depth) + 1;
    }

    private static int CheckedBits(int bits) =>
        bits is >= 8 and <= 256 && bits % 8 == 0
            ? bits
            : throw new AbiException($"an integer of {bits} bits is not a Solidity type");

    private static void CheckDepth(AbiType inner)
    {
        if (inner.Depth >= MaxDepth)
            throw new AbiException($"a type nests more than {MaxDepth} arrays and tuples");
    }

    private static void CheckSize(long byteCount)
    {
        if (byteCount > MaxStaticByteCount)
            throw new AbiException($"a type takes {byteCount} bytes; at most {MaxStaticByteCount} are read");
    }
}
