using System.Xml.Linq;

namespace Tocsin.Tests.Tidy;

public class ReferenceGraphTests
{
    // docs/architecture.md: who may use whom. BannedApiAnalyzers is used by the compiler alone.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Tocsin.Core"] = [],
        ["Tocsin.Evm"] = ["Tocsin.Core", "Portable.BouncyCastle"],
        ["Tocsin.Detection"] = ["Tocsin.Core", "Tocsin.Evm"],
        ["Tocsin.Chain"] = ["Tocsin.Core", "Tocsin.Evm"],
        ["Tocsin.Storage"] = ["Tocsin.Core", "Microsoft.Data.Sqlite.Core", "Npgsql", "SQLitePCLRaw.bundle_e_sqlite3"],
        ["Tocsin.Channels"] = ["Tocsin.Core"],
    };

    public static TheoryData<string> Libraries => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_uses_only_what_the_architecture_allows(string library)
    {
        var used = References(library).Where(name => name != "Microsoft.CodeAnalysis.BannedApiAnalyzers");

        Assert.Empty(used.Except(Allowed[library]));
    }

    [Fact]
    public void Every_library_is_in_the_graph()
    {
        var libraries = Repository.Files(".csproj").Where(path => path.StartsWith("src/", StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension);

        Assert.Equal(
            [.. Allowed.Keys.Append("Tocsin").Order(StringComparer.Ordinal)], libraries.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Core_does_no_input_or_output()
    {
        string[] banned =
            ["System.IO", "System.Net", "System.Data", "System.Diagnostics.Process", "File.", "HttpClient"];

        Assert.DoesNotContain(
            Repository.Files(".cs").Where(path => path.StartsWith("src/Tocsin.Core/", StringComparison.Ordinal)),
            path => banned.Any(Repository.Text(path).Contains));
    }

    private static IEnumerable<string> References(string library)
    {
        var project = XDocument.Parse(Repository.Text($"src/{library}/{library}.csproj"));
        return project.Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value)
            .Concat(
                project.Descendants("ProjectReference")
                    .Select(used => Path.GetFileNameWithoutExtension(used.Attribute("Include")!.Value)));
    }
}
