namespace Tocsin.Detection.Conduct;

/// <summary>Traits as outputs name them, and as people are told them.</summary>
internal static class TraitWords
{
    public static ValueList<string> Names { get; } =
        Enum.GetValues<Trait>().Select(trait => trait.ToName()).ToValueList();

    public static string ToName(this Trait trait) => trait switch
    {
        Trait.Repeat => "repeated_calls",
        Trait.GiveBack => "in_and_out",
        Trait.Taken => "paid_for_nothing",
        Trait.Allowance => "unlimited_allowance",
        Trait.Created => "acts_when_created",
        Trait.CallBack => "called_back",
        Trait.Reaction => "reentry",
        Trait.Pulled => "pulled_by_allowance",
        Trait.Terse => "plan_inside",
        Trait.Coins => "many_coins",
        Trait.RoundTrip => "pool_both_ways",
        Trait.LostShare => "protected_lost_share",
        Trait.LostCoins => "protected_lost_coins",
        Trait.Absurd => "absurd_argument",
        Trait.Administered => "administered_by_stranger",
        Trait.Trusting => "trusts_caller",
    };

    public static string Sentence(this Trait trait, string subject) => trait switch
    {
        Trait.Repeat => "It calls the same function of the same contract again and again.",
        Trait.GiveBack => "Tokens go in and out between the caller and the same parties.",
        Trait.Taken => "Somebody paid and got nothing at all back.",
        Trait.Allowance => "The caller's contract gives unlimited allowances just before they are used.",
        Trait.Created => "A contract that was created in this very transaction acts on others.",
        Trait.CallBack => "Other contracts call back into the caller's contract several times.",
        Trait.Reaction => "While it is being called back, the caller's contract acts on others: re-entry.",
        Trait.Pulled => "Tokens are pulled out of other people's accounts by allowances.",
        Trait.Terse => "The contract was told almost nothing and yet acts: its plan is inside it.",
        Trait.Coins => "A very large amount of coins is paid to the caller.",
        Trait.RoundTrip => "The same pool is traded both ways.",
        Trait.LostShare => $"{subject} lost at least a fifth of a balance.",
        Trait.LostCoins => $"{subject} paid a very large amount of coins to the caller.",
        Trait.Absurd => $"{subject} was given a number that no honest caller would give.",
        Trait.Administered => $"A stranger called a function of administration on {subject}.",
        Trait.Trusting => $"{subject} works with a contract that the caller brought.",
    };
}
