using Tocsin.Chains;

namespace Tocsin.Detection.Monitoring;

/// <summary>What findings of the watch name as concerned: equal subjects make one incident.</summary>
internal static class Subjects
{
    public static string Chain(ChainId chain) => $"chain {chain.Value}";

    public static string Node(string name) => $"node {name}";

    public static string Price(string asset) => $"price of {asset}";

    public static string Heartbeat(string name) => $"heartbeat {name}";

    public static string Action(string name) => $"action {name}";

    public static string Channel(string name) => $"channel {name}";

    public static string Silence(int number) => $"silence {number}";

    public static string FrontEnd(string name) => $"front end {name}";
}
