using System.Collections.Concurrent;
using Tocsin.Chain;
using Tocsin.Evm.Inputs;

namespace Tocsin.Tests.Chain;

/// <summary>Scripted nodes of one chain, named a, b, c, behind one door, on a clock at their newest block.</summary>
internal sealed class NodesRun : IAsyncDisposable
{
    private NodesRun(ScriptedNode[] servers) => Servers = servers;

    public ScriptedNode[] Servers { get; }

    public ManualTime Time { get; private init; } = null!;

    public Nodes Nodes { get; private set; } = null!;

    public ConcurrentQueue<NodeNotice> Notices { get; } = new();

    public ScriptedNode A => Servers[0];

    public ScriptedNode B => Servers[1];

    public ScriptedNode C => Servers[2];

    public static async Task<NodesRun> StartAsync(
        int count = 2, NodesOptions? options = null, int blocks = 30, double[]? weights = null)
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => ScriptedNode.StartAsync()));
        foreach (var server in servers)
            server.Chain.Extend(blocks);
        var newest = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + (12 * blocks));
        var run = new NodesRun(servers) { Time = new ManualTime(newest + TimeSpan.FromSeconds(2)) };
        var named = servers.Select((server, index) => new NamedNode(
            $"{(char)('a' + index)}", server.Client(run.Time), weights?[index] ?? 1 - (0.3 * index)));
        run.Nodes = new Nodes([.. named], run.Time, options ?? new(), run.Notices.Enqueue);
        return run;
    }

    /// <summary>"+b Failing" where a symptom begins, "-b Failing" where it is over.</summary>
    public string Told() => string.Join(
        ", ", Notices.Select(notice => $"{(notice.Present ? '+' : '-')}{notice.Node} {notice.Symptom}"));

    public string Words(string node, NodeSymptom symptom) =>
        Notices.Last(notice => notice.Node == node && notice.Symptom == symptom).Words;

    /// <summary>So many looks at all nodes, as far apart as usual, while the chain goes on.</summary>
    public async Task ProbeAsync(int times, Action? before = null)
    {
        for (var look = 0; look < times; look++)
        {
            before?.Invoke();
            await Nodes.ProbeAsync(TestContext.Current.CancellationToken);
            Time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Servers)
            await server.DisposeAsync();
    }
}
