using System.Text.Json;
using Tocsin.Detection;
using Tocsin.Evm.Blocks;
using Tocsin.Findings;
using Tocsin.Recording;

namespace Tocsin.Tests.Governance;

/// <summary>Live, and restored before every step from what was written to disk.</summary>
internal static class SameInPieces
{
    public static void Check(Watch watch, IReadOnlyList<ChainStep> steps)
    {
        var engine = new Engine(watch);
        var pieces = new List<Finding>();
        foreach (var step in steps)
        {
            var written = JsonSerializer.Serialize(engine.Snapshot(), EventJson.Options);
            var read = JsonSerializer.Deserialize<EngineSnapshot>(written, EventJson.Options)!;
            Assert.Equal(written, JsonSerializer.Serialize(read, EventJson.Options));
            engine = Engine.Restore(watch, read);
            pieces.AddRange(engine.Step(step));
        }
        Assert.Equal(DaoStory.Run(watch, steps), pieces);
    }
}
