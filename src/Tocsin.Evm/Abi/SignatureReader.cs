namespace Tocsin.Evm.Abi;

/// <summary>
/// Reads signatures as Solidity writes them: <c>name(type [indexed] [name], …) [modifiers] [returns (…)]</c>. Names,
/// data locations and modifiers are optional, as they are not part of what is hashed.
/// </summary>
internal ref struct SignatureReader
{
    private const int MaxLength = 10_000;

    // The parameter list itself, and one pair for each tuple within.
    private const int MaxParentheses = AbiType.MaxDepth + 1;

    private readonly ReadOnlySpan<char> text;
    private readonly ValueList<AbiParameter>? components;
    private int position;

    /// <param name="components">What the word <c>tuple</c> stands for where the text comes from ABI JSON.</param>
    public SignatureReader(ReadOnlySpan<char> text, ValueList<AbiParameter>? components = null)
    {
        if (text.Length > MaxLength)
            throw new AbiException($"a signature of {text.Length} characters is longer than {MaxLength}");
        this.text = text;
        this.components = components;
    }

    /// <summary>Skips one of the words that may stand before a name, such as <c>function</c>.</summary>
    public void SkipKeyword(string keyword)
    {
        var before = position;
        if (!TakeWord().SequenceEqual(keyword) || Peek() == '(')
            position = before;
    }

    public string ReadName()
    {
        var word = TakeWord();
        if (word.IsEmpty || char.IsAsciiDigit(word[0]))
            throw Error("a name is expected");
        return word.ToString();
    }

    /// <summary>The next word if there is one, else empty.</summary>
    public string ReadOptionalWord() => TakeWord().ToString();

    public ValueList<AbiParameter> ReadParameters(bool allowIndexed = false) => ReadParameters(allowIndexed, depth: 0);

    public AbiType ReadType() => ReadType(depth: 0);

    public void ExpectEnd()
    {
        if (Peek() != '\0')
            throw Error("nothing more is expected");
    }

    public readonly AbiException Error(string complaint) =>
        new($"'{Excerpt()}': {complaint} at character {position + 1}");

    private ValueList<AbiParameter> ReadParameters(bool allowIndexed, int depth)
    {
        if (depth >= MaxParentheses)
            throw Error($"parentheses nest deeper than {MaxParentheses}");
        Expect('(');
        var parameters = new List<AbiParameter>();
        if (TryTake(')'))
            return [];
        do
            parameters.Add(ReadParameter(allowIndexed, depth));
        while (TryTake(','));
        Expect(')');
        RefuseRepeatedNames(parameters);
        return parameters.ToValueList();
    }

    private AbiParameter ReadParameter(bool allowIndexed, int depth)
    {
        var type = ReadType(depth);
        var indexed = false;
        while (true)
        {
            var word = TakeWord();
            switch (word)
            {
                case "":
                    return new AbiParameter("", type, indexed);
                case "indexed" when allowIndexed && !indexed:
                    indexed = true;
                    break;
                case "indexed":
                    throw Error("'indexed' belongs once to a parameter of an event");
                case "memory" or "calldata" or "storage" or "payable":
                    break;
                default:
                    if (char.IsAsciiDigit(word[0]))
                        throw Error("a name does not begin with a digit");
                    return new AbiParameter(word.ToString(), type, indexed);
            }
        }
    }

    private AbiType ReadType(int depth)
    {
        var word = TakeWord();
        AbiType type;
        if (word is ("" or "tuple") && Peek() == '(')
            type = new AbiType.Tuple(ReadParameters(allowIndexed: false, depth + 1));
        else if (word is "tuple" && components is not null)
            type = new AbiType.Tuple(components);
        else
            type = Elementary(word);
        while (TryTake('['))
            type = ReadArrayOf(type);
        return type;
    }

    private AbiType ReadArrayOf(AbiType element)
    {
        var digits = TakeWord();
        AbiType array = digits.IsEmpty
            ? new AbiType.DynamicArray(element)
            : new AbiType.FixedArray(element, Number(digits, 7));
        Expect(']');
        return array;
    }

    private readonly AbiType Elementary(ReadOnlySpan<char> word) => word switch
    {
        "address" => new AbiType.Account(),
        "bool" => new AbiType.Flag(),
        "string" => new AbiType.Text(),
        "bytes" => new AbiType.Bytes(),
        "function" => new AbiType.ExternalFunction(),
        "uint" => new AbiType.UnsignedInteger(256),
        "int" => new AbiType.SignedInteger(256),
        _ when word.StartsWith("uint") && IsWidth(word[4..]) => new AbiType.UnsignedInteger(Number(word[4..], 3)),
        _ when word.StartsWith("int") && IsWidth(word[3..]) => new AbiType.SignedInteger(Number(word[3..], 3)),
        _ when word.StartsWith("bytes") && IsWidth(word[5..]) => new AbiType.FixedBytes(Number(word[5..], 3)),
        "" => throw Error("a type is expected"),
        _ => throw Error($"'{word}' is not a Solidity type"),
    };

    private static bool IsWidth(ReadOnlySpan<char> digits) =>
        !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');

    private readonly int Number(ReadOnlySpan<char> digits, int maxDigits) =>
        IsWidth(digits) && digits.Length <= maxDigits && digits[0] != '0'
            ? int.Parse(digits)
            : throw Error($"'{digits}' is not a number that belongs here");

    private readonly void RefuseRepeatedNames(List<AbiParameter> parameters)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            if (parameter.Name.Length > 0 && !names.Add(parameter.Name))
                throw Error($"the name '{parameter.Name}' stands twice in one list");
        }
    }

    private ReadOnlySpan<char> TakeWord()
    {
        SkipSpace();
        var start = position;
        while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] is '_' or '$'))
            position++;
        return text[start..position];
    }

    private char Peek()
    {
        SkipSpace();
        return position < text.Length ? text[position] : '\0';
    }

    private bool TryTake(char expected)
    {
        if (Peek() != expected)
            return false;
        position++;
        return true;
    }

    private void Expect(char expected)
    {
        if (!TryTake(expected))
            throw Error($"'{expected}' is expected");
    }

    private void SkipSpace()
    {
        while (position < text.Length && text[position] is (' ' or '\t' or '\n' or '\r'))
            position++;
    }

    private readonly string Excerpt() => text.Length <= 120 ? text.ToString() : string.Concat(text[..120], "…");
}
