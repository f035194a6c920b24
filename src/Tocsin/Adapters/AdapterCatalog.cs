using System.Reflection;
using Tocsin.Texts;

namespace Tocsin.Adapters;

/// <summary>The adapters that are built into the program, in the order of their names.</summary>
internal static class AdapterCatalog
{
    private const string Folder = "adapters/";

    private static readonly Lazy<ValueList<Adapter>> Read = new(ReadAll);

    /// <exception cref="InputException">One of them is broken: a fault of this build.</exception>
    public static ValueList<Adapter> All => Read.Value;

    public static Adapter? Named(string name) => All.FirstOrDefault(adapter => adapter.Name == name);

    private static ValueList<Adapter> ReadAll()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var yaml = new YamlText();
        var adapters = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return AdapterReader.Read(yaml, $"contracts/{name}", reader.ReadToEnd());
            })
            .ToValueList();
        return yaml.HasErrors
            ? throw new InputException(string.Join(Environment.NewLine, yaml.Complaints))
            : adapters;
    }
}
