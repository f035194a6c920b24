using Tocsin.Chains;
using Tocsin.Channels.Slack;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Watching;

namespace Tocsin.Configuration;

/// <summary>Whether the configuration and the plan speak of the same things.</summary>
internal static class ConfigurationCheck
{
    /// <summary>Every complaint in the order of the configuration's text.</summary>
    public static IReadOnlyList<Complaint> Check(TocsinConfiguration configuration, Plan plan)
    {
        var complaints = new List<Complaint>();
        if (plan.Protected.Chain != configuration.Chain.Id)
            Error(
                complaints,
                new SourceLine(Path.Combine(configuration.Directory, TocsinConfiguration.FileName), 0),
                $"the 'chain' here has the id {configuration.Chain.Id}, but the plan protects things on chain "
                    + $"{plan.Protected.Chain}: change one of them");
        if (WithoutSigner(configuration, plan) is { } unsigned)
            complaints.Add(unsigned);
        foreach (var feed in configuration.Feeds)
            CheckFeed(feed, plan.Protected, complaints);
        foreach (var asset in plan.Protected.Assets)
            if (asset.PegUsd is not null && configuration.Feeds.All(feed => feed.Asset != asset.Name))
                complaints.Add(new Complaint(
                    asset.At, ComplaintLevel.Warning,
                    $"asset '{asset.Name}' has a 'peg', but no feed prices it: that it is lost would go unseen"));
        var addresses = new Dictionary<Address, string>();
        foreach (var abi in configuration.Abis)
            CheckContract(abi, plan.Protected, addresses, complaints);
        CheckDetectors(configuration, plan, complaints);
        CheckWitnesses(configuration, plan, complaints);
        CheckHeartbeats(configuration, plan, complaints);
        CheckOutside(configuration, plan, complaints);
        CheckTokens(configuration, plan, complaints);
        CheckButtons(configuration, plan, complaints);
        CheckAnswers(configuration, plan, complaints);
        return complaints.OrderBy(complaint => complaint.At.Line).ToList();
    }

    /// <summary>
    /// A warning where decisions of the plan can never be carried out: people are woken and nothing is paused.
    /// </summary>
    public static Complaint? WithoutSigner(TocsinConfiguration configuration, Plan plan) =>
        configuration.Signer is null
        && plan.Decisions.Any(decision => plan.Action(decision.Action)?.Calls.Count > 0)
            ? new Complaint(
                new SourceLine(Path.Combine(configuration.Directory, TocsinConfiguration.FileName), 0),
                ComplaintLevel.Warning,
                $"decisions that need calls cannot be carried out: {TocsinConfiguration.FileName} has no 'signer:'")
            : null;

    private static void CheckHeartbeats(TocsinConfiguration configuration, Plan plan, List<Complaint> complaints)
    {
        var known = configuration.Heartbeats.Select(heartbeat => heartbeat.Name).ToHashSet();
        foreach (var issue in plan.Issues)
            foreach (var name in issue.Heartbeats.Where(name => !known.Contains(name)))
                Error(
                    complaints, issue.At, $"issue '{issue.Id}' is shown by heartbeat '{name}', which "
                        + $"{TocsinConfiguration.FileName} does not have{PlanCheck.Near(name, known)}");
    }

    private static void CheckOutside(TocsinConfiguration configuration, Plan plan, List<Complaint> complaints)
    {
        var known = plan.Issues.Select(issue => issue.Id).ToHashSet();
        foreach (var source in configuration.Outside)
            foreach (var issue in source.Issues.Select(entry => entry.Issue).Prepend(source.Issue).Distinct()
                .Where(issue => !known.Contains(issue)))
                Error(
                    complaints, source.At, $"'{source.Name}' under 'outside' opens an issue that the plan does not have"
                        + PlanCheck.Near(issue, known));
    }

    // What they press there would be nobody's word.
    private static void CheckButtons(TocsinConfiguration configuration, Plan plan, List<Complaint> complaints)
    {
        var pressed = configuration.Channels.Where(HasButtons).Select(channel => channel.Name).ToHashSet();
        foreach (var person in plan.People.Where(person => !Accounts.ChatsOf(person).Any(IsAccount)))
            if (person.Ways.FirstOrDefault(pressed.Contains) is { } way)
                complaints.Add(new Complaint(
                    person.At, ComplaintLevel.Warning,
                    $"'{person.Id}' is reached by '{way}', which has buttons, but has no account of it under 'chat': "
                        + "what they press there is not recorded"));
    }

    // They would be woken, and called unanswered however fast they were.
    private static void CheckAnswers(TocsinConfiguration configuration, Plan plan, List<Complaint> complaints)
    {
        var mute = configuration.Channels.Where(channel => !channel.LetsAnswer).Select(channel => channel.Name)
            .ToHashSet();
        foreach (var person in plan.People.Where(person => person.Ways.Count > 0 && person.Ways.All(mute.Contains)))
            complaints.Add(new Complaint(
                person.At, ComplaintLevel.Warning,
                $"'{person.Id}' can answer on none of their ways ({string.Join(", ", person.Ways)}): give them one "
                    + "with a link, a button or a key"));
    }

    private static bool HasButtons(ChannelSettings channel) => channel.Kind.Id is "slack" or "telegram-bot"
        && channel.Values.Any(value => value.Field.Name is "signing_secret" or "callback_secret");

    // Of Slack, or the number of one of Telegram.
    private static bool IsAccount(string chat) => SlackBot.IsAccount(chat) || chat.All(char.IsAsciiDigit);

    // A warning: a plan that no longer names somebody must not be kept out by the token that they still have.
    private static void CheckTokens(TocsinConfiguration configuration, Plan plan, List<Complaint> complaints)
    {
        foreach (var token in configuration.Tokens)
            if (token.Person is { } person && plan.Person(person) is null)
                complaints.Add(new Complaint(
                    token.At, ComplaintLevel.Warning,
                    $"token '{token.Name}' is that of '{person}', whom the plan does not name"
                        + PlanCheck.Near(person, plan.People.Select(one => one.Id))));
    }

    // One node that lies would pause a protocol, or have a pause refused for a harm that it makes up or leaves out.
    private static void CheckWitnesses(TocsinConfiguration configuration, Plan plan, List<Complaint> complaints)
    {
        foreach (var entry in plan.Autonomy.Ladder.Where(
            entry => entry.ActsByItself && configuration.Chain.Agreement < 2))
            complaints.Add(new Complaint(
                entry.At, ComplaintLevel.Warning,
                $"'{entry.Action}' is taken by itself upon what one node says: name a second under 'nodes', and let "
                    + "'agreement' be 2 or more"));
        var alone = configuration.ActOn.Where(other => other.Nodes.Count < 2).Select(other => other.Id).ToHashSet();
        if (configuration.Chain.Nodes.Count < 2)
            alone.Add(configuration.Chain.Id);
        foreach (var action in plan.Actions)
            foreach (var harm in action.Harm.Where(harm => alone.Contains(harm.Chain)))
                complaints.Add(new Complaint(
                    harm.At, ComplaintLevel.Warning,
                    $"the harm of action '{action.Id}' is judged by one node of {plan.Protected.NameOf(harm.Chain)} "
                        + "alone: name a second under 'nodes'"));
    }

    private static void CheckDetectors(TocsinConfiguration configuration, Plan plan, List<Complaint> complaints)
    {
        var watch = WatchOfPlan.Build(plan, configuration) with { Detectors = [], Planned = [] };
        var seen = new HashSet<string>();
        foreach (var (settings, at) in configuration.Detectors.Entries)
        {
            if (!seen.Add(settings.Name))
                Error(complaints, at, $"the detector '{settings.Name}' is described twice");
            foreach (var problem in settings.Problems(watch))
                Error(complaints, at, problem);
        }
        foreach (var (operation, at) in configuration.Planned)
        {
            if (!seen.Add($"planned {operation.Name}"))
                Error(complaints, at, $"the planned operation '{operation.Name}' is described twice");
            foreach (var problem in operation.Problems(watch))
                Error(complaints, at, problem);
        }
    }

    private static void CheckFeed(FeedSettings feed, ProtectedThings things, List<Complaint> complaints)
    {
        var names = things.Assets.Select(asset => asset.Name).ToList();
        if (things.Assets.FirstOrDefault(asset => asset.Name == feed.Asset) is not { } asset)
            Error(complaints, feed.At, $"feed '{feed.Name}' prices what is no asset of the plan, which has "
                + string.Join(", ", names) + PlanCheck.Near(feed.Asset, names));
        else if (asset.UsdPrice is null && !things.Pools.Any(pool => pool.Base == asset.Name))
            Error(complaints, feed.At, $"feed '{feed.Name}' prices '{asset.Name}', but the plan gives it no value: "
                + "a feed is recorded, and told when it is silent; give 'usd' or a pool in the plan");
        else if (asset.PegUsd is null)
            complaints.Add(new Complaint(feed.At, ComplaintLevel.Warning, $"nothing uses the price of feed "
                + $"'{feed.Name}': it is recorded, and told when it is silent; give '{asset.Name}' a 'peg' in the plan "
                + "if it is meant to keep a price"));
    }

    /// <summary>Where the contract of an ABI is: every thing of the plan that has its name.</summary>
    public static ValueList<Address> Places(AbiSettings abi, ProtectedThings things) =>
        abi.Address is { } address
            ? [address]
            : Named(things).Where(thing => thing.Name == abi.Contract).Select(thing => thing.Address).ToValueList();

    // A token and a pool are contracts too, and a proxy token is as dangerous as any.
    private static IEnumerable<(string Name, Address Address)> Named(ProtectedThings things) =>
        things.Contracts.Select(contract => (contract.Name, contract.Address))
            .Concat(things.Assets.Select(asset => (asset.Name, asset.Address)))
            .Concat(things.Pools.Select(pool => (pool.Name, pool.Address)));

    private static void CheckContract(
        AbiSettings abi, ProtectedThings things, Dictionary<Address, string> seen, List<Complaint> complaints)
    {
        var places = Places(abi, things);
        if (places.Count == 0)
            Error(complaints, abi.At, "this name under 'abis' is no contract of the plan"
                + PlanCheck.Near(abi.Contract, Named(things).Select(thing => thing.Name)));
        else if (places.Count > 1)
            Error(complaints, abi.At, $"the plan calls several things '{abi.Contract}': give the address here");
        else if (!seen.TryAdd(places[0], abi.Contract))
            Error(complaints, abi.At, $"'{abi.Contract}' is the contract of '{seen[places[0]]}' above");
    }

    private static void Error(List<Complaint> complaints, SourceLine at, string message) =>
        complaints.Add(new Complaint(at, ComplaintLevel.Error, message));
}
