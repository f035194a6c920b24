using System.Text;
using System.Text.Json;
using Tocsin.Chains;
using Tocsin.Configuration.Detectors;
using Tocsin.Detection;
using Tocsin.Detection.Detectors;
using Tocsin.Detection.Pegs;
using Tocsin.Findings;
using Tocsin.Recording;

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

    /// <summary>For people: a line each.</summary>
    public static string Words()
    {
        var text = new StringBuilder();
        foreach (var card in DetectorCatalog.All)
            text.AppendLine($"{card.Name,-26} {card.Threat.ToName(),-24} {StartOf(card)}");
        return text.AppendLine().AppendLine("What each does: docs/detectors.md, or --json.").ToString();
    }

    /// <summary>For programs: an array with everything that is known of each.</summary>
    public static string Json()
    {
        var cards = DetectorCatalog.All.Select(card => new
        {
            card.Name,
            Threat = card.Threat.ToName(),
            Runs = StartOf(card),
            card.Finds,
            card.Inputs,
            Defaults = card.Defaults.ToArray(),
            BlindSpots = card.BlindSpots.ToArray(),
        });
        return JsonSerializer.Serialize(cards, EventJson.Printed) + Environment.NewLine;
    }

    private static string StartOf(DetectorCard card) =>
        !DetectorEntries.KindNames.Contains(card.Name) ? "always"
        : Unasked.Contains(card.Name) ? "without an entry"
        : "with an entry under 'detectors'";

    // Of a watch that has one of everything.
    private static HashSet<string> Unasked { get; } = DetectorDefaults.Of(new Watch(
        new ChainId(1),
        [new Asset("own", Address.Zero, 18, 1m, "contract"), new Asset("other", Address.Zero, 18, 1m)],
        [new Pool("pool", Address.Zero, "own", "other", true)],
        [new ProtectedContract("contract", Address.Zero, "contract")],
        new Thresholds())
    {
        Pegs = [new Peg("own", 1m), new Peg("other", 1m)],
    }).Select(settings => settings.Card.Name).ToHashSet();
}
