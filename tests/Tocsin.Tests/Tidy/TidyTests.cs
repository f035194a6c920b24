using System.Reflection;
using System.Text.RegularExpressions;

namespace Tocsin.Tests.Tidy;

/// <summary>The part of docs/style.md that a machine can hold.</summary>
public partial class TidyTests
{
    private const int ColumnsMax = 120;
    private const int FunctionLinesMax = 70;
    private const int FileLinesMax = 500;

    private static readonly string[] KindsOfClasses =
        ["Services", "Helpers", "Managers", "Utils", "Models", "Common", "Interfaces", "Helper", "Manager", "Util"];

    [Fact]
    public void Lines_fit_on_a_screen() => Assert.Empty(
        from path in Repository.Files(".cs", ".razor", ".sol", ".mjs")
        from line in Repository.Lines(path).Select((text, index) => (text, number: index + 1))
        where line.text.Length > ColumnsMax && !line.text.Contains("0x", StringComparison.Ordinal)
        select $"{path}:{line.number} has {line.text.Length} columns");

    [Fact]
    public void Files_are_one_concept() => Assert.Empty(
        from path in Repository.Files(".cs", ".razor", ".sol")
        let length = Repository.Lines(path).Length
        where length > FileLinesMax
        select $"{path} has {length} lines");

    [Fact]
    public void Functions_fit_on_a_screen() => Assert.Empty(
        from path in Repository.Files(".cs").Where(path => path.StartsWith("src/", StringComparison.Ordinal))
        from function in Functions(Repository.Lines(path))
        where function.Length > FunctionLinesMax
        select $"{path}:{function.Line} is {function.Length} lines long");

    [Fact]
    public void Folders_are_words_of_the_field() => Assert.DoesNotContain(
        Repository.Files(".cs", ".razor"), path => path.Split('/').Any(KindsOfClasses.Contains));

    [Fact]
    public void Types_are_words_of_the_field() => Assert.Empty(
        from type in OurTypes()
        where KindsOfClasses.Any(kind => type.Name.EndsWith(kind, StringComparison.Ordinal))
            || type.Name.EndsWith("Service", StringComparison.Ordinal)
        select type.FullName);

    [Fact]
    public void At_most_one_type_in_twenty_is_an_interface()
    {
        var types = OurTypes().Where(type => type is { IsNested: false }).ToList();

        Assert.InRange(types.Count(type => type.IsInterface), 0, types.Count / 20);
    }

    [Fact]
    public void Nothing_unfinished_is_left_behind() => Assert.Empty(
        from path in Repository.Files(".cs", ".razor", ".sol", ".mjs", ".md", ".yaml", ".js", ".css")
        where !path.EndsWith("TidyTests.cs", StringComparison.Ordinal) && Unfinished().IsMatch(Repository.Text(path))
        select path);

    [Fact]
    public void Each_document_has_one_title() => Assert.Empty(
        from path in Repository.Files(".md")
        where !path.Contains("/procedures/", StringComparison.Ordinal)
            && !path.EndsWith(".verified.md", StringComparison.Ordinal)
        // What stands in a block is an example.
        where string.Concat(Repository.Text(path).Split("```").Where((_, part) => part % 2 == 0)).Split('\n')
            .Count(line => line.StartsWith("# ", StringComparison.Ordinal)) != 1
        select path);

    [Fact]
    public void Links_between_documents_lead_somewhere() => Assert.Empty(
        from path in Repository.Files(".md").Where(path => !path.EndsWith(".verified.md", StringComparison.Ordinal))
        from Match link in Links().Matches(Repository.Text(path))
        let target = link.Groups["target"].Value
        where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
        let file = Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, target)
        where !File.Exists(file) && !Directory.Exists(file)
        select $"{path} → {target}");

    [Fact]
    public void Every_test_that_the_threat_model_names_exists()
    {
        var tests = Repository.Files("Tests.cs", ".t.sol")
            .SelectMany(path => TestNames().Matches(Repository.Text(path)))
            .Select(name => name.Groups["name"].Value)
            .ToHashSet();
        Assert.Empty(
            from Match named in NamedTests().Matches(Repository.Text("docs/threat-model.md"))
            let name = named.Groups["name"].Value
            where !tests.Contains(name)
            select name);
    }

    [Fact]
    public void Lock_files_name_no_place_to_download_from() =>
        Assert.DoesNotContain("\"resolved\"", Repository.Text("package-lock.json"), StringComparison.Ordinal);

    [Fact]
    public void Every_namespace_is_in_the_architecture_or_the_glossary()
    {
        var words = (Repository.Text("docs/glossary.md") + Repository.Text("docs/architecture.md")).ToLowerInvariant();
        var namespaces = typeof(Tocsin.Incidents.Incident).Assembly.GetExportedTypes()
            .Select(type => type.Namespace!.Split('.')[^1])
            .Distinct();

        Assert.DoesNotContain(
            namespaces,
            name => name != "Tocsin" && !words.Contains(name.ToLowerInvariant()[..^1], StringComparison.Ordinal));
    }

    private static IEnumerable<Type> OurTypes() => new[]
        {
            typeof(Tocsin.Incidents.Incident), typeof(Tocsin.Evm.Keccak256), typeof(Tocsin.Detection.Engine),
                typeof(Tocsin.Chain.Node),
            typeof(Tocsin.Storage.EventStore), typeof(Tocsin.Channels.IChannel), typeof(Tocsin.Hosting.TocsinHost),
        }
        .SelectMany(type => type.Assembly.GetTypes())
        .Where(type => type.Namespace?.StartsWith("Tocsin", StringComparison.Ordinal) == true)
        .Where(type => type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null);

    /// <summary>Members as the layout shows them: a body in braces at the depth of a type's members.</summary>
    private static IEnumerable<(int Line, int Length)> Functions(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i] != "    {")
                continue;
            var end = Array.FindIndex(lines, i, line => line.StartsWith("    }", StringComparison.Ordinal));
            if (end > i && !lines[i..end].Any(line => TypeHead().IsMatch(line)) && IsMember(lines, i))
                yield return (i + 1, end - i - 1);
        }
    }

    private static bool IsMember(string[] lines, int brace)
    {
        var indent = lines[brace].Length - 1;
        var head = Enumerable.Range(0, brace).Reverse().Select(index => lines[index])
            .FirstOrDefault(line => line.Length > indent && line[indent] != ' ');
        return head is not null && !TypeHead().IsMatch(head) && !head.Contains("extension(", StringComparison.Ordinal);
    }

    [GeneratedRegex(
        @"^\s*(public|internal|private|file|protected|sealed|static|abstract|readonly|partial|ref|\s)*"
        + "(class|record|struct|interface|enum) ")]
    private static partial Regex TypeHead();

    [GeneratedRegex(@"TODO|FIXME|HACK\b|NotImplementedException|Thread\.Sleep|Assert\.True\(true\)|\[Fact\(Skip")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(void|Task|function) (?<name>\w+_\w+)\(")]
    private static partial Regex TestNames();

    [GeneratedRegex(@"`(?<name>\w+_\w+)`")]
    private static partial Regex NamedTests();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]*)(#[^)]*)?\)")]
    private static partial Regex Links();
}
