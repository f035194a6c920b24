using YamlDotNet.Core.Events;

namespace Tocsin.Texts;

/// <summary>The keys of one mapping while it is read; of a list there are none.</summary>
internal sealed class YamlKeys(bool isMapping)
{
    private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);
    private bool isKey;

    /// <summary>Takes the next event of the mapping itself; a fault where it is a key that was there before.</summary>
    public YamlFault? Take(ParsingEvent found, int line)
    {
        if (!isMapping || found is not (Scalar or MappingStart or SequenceStart))
            return null;
        isKey = !isKey;
        return isKey && found is Scalar { Value: var key } && !known.TryAdd(key, line)
            ? new YamlFault(line, $"{YamlPart.Shown(key)} is given twice, first in line {known[key]}: remove one")
            : null;
    }
}
