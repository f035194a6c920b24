using System.Text;
using System.Text.Json;
using Tocsin.Detection.Detectors;
using Tocsin.Findings;

namespace Tocsin.Commands;

/// <summary>Says what detects what: for people, for programs, and as the page of the documentation.</summary>
internal static class DetectorsCommand
{
    private const string Preface = """
        # Detectors

        What each looks at, what it needs, its settings, and what it does not see. This page is made of the cards of the
        detectors by `dotnet run --project src/Tocsin -- detectors --markdown > docs/detectors.md`; a test holds it to
        them. How good they are: [detection quality](detection-quality.md). How to write one:
        [a detector of your own](own-detector.md).

        Settings with a `key` in small letters stand in `tocsin.yaml` under `detectors:`, in a list under the detector's
        name. Kinds that need no settings run without an entry; `detectors: { off: [NAME] }` turns one off.

        **Confidence.** Each indicator has a strength r / (r + 1), where r is what was measured over its threshold: one
        half at the threshold, towards 1 beyond. A finding's confidence is the noisy-or of its indicators, 1 minus the
        product of (1 - weight x strength): each is an independent chance to be right. The weights are in one place,
        `src/Tocsin.Detection/Weights.cs`. People are alerted from 0.7. Conduct alone adds up differently: see there.

        """;

    public static int Run(bool json, bool markdown)
    {
        Console.Out.Write(json ? Json() : markdown ? Markdown() : Words());
        return ExitCode.Done;
    }

    /// <summary>The page of the documentation.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder(Preface.ReplaceLineEndings("\n"));
        foreach (var threat in DetectorCatalog.All.GroupBy(card => card.Threat))
        {
            text.Append($"\n## {threat.Key.ToName()}\n");
            foreach (var card in threat)
            {
                text.Append($"\n### {card.Name}\n\n{card.Finds}\n\n*Needs:* {card.Inputs}\n");
                Append(text, "Settings", card.Defaults);
                Append(text, "Not seen, or taken for an attack", card.BlindSpots);
            }
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, string title, ValueList<string> lines)
    {
        if (lines.Count == 0)
            return;
        text.Append($"\n*{title}:*\n\n");
        foreach (var line in lines)
            text.Append($"- {line}\n");
    }

    private static string Words()
    {
        var text = new StringBuilder();
        foreach (var card in DetectorCatalog.All)
            text.AppendLine($"{card.Name,-26} {card.Threat.ToName()}");
        return text.AppendLine().AppendLine("What each does: docs/detectors.md, or --json.").ToString();
    }

    private static string Json()
    {
        var cards = DetectorCatalog.All.Select(card => new
        {
            card.Name,
            Threat = card.Threat.ToName(),
            card.Finds,
            card.Inputs,
            Defaults = card.Defaults.ToArray(),
            BlindSpots = card.BlindSpots.ToArray(),
        });
        return JsonSerializer.Serialize(cards, JsonSerializerOptions.Web) + Environment.NewLine;
    }
}
