using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tocsin.Incidents;

namespace Tocsin.Communications;

/// <summary>
/// What must not be said before it is known. In the first hours teams say that funds are safe because they hope it, and
/// are quoted for it for years.
/// </summary>
public static partial class Claims
{
    // Unicode: the forms of '!' to '~' that are as wide as a Chinese letter, and the ligatures that typesetters write.
    private const int FullWidthFirst = 0xFF01;
    private const int FullWidthLast = 0xFF5E;
    private const int LigatureFirst = 0xFB00;

    private static readonly string[] Ligatures = ["ff", "fi", "fl", "ffi", "ffl"];

    /// <summary>
    /// Why a text must not go out; null where nothing speaks against it. A claim that nothing was lost needs an
    /// incident that is contained and whose impact was assessed, with nothing taken.
    /// </summary>
    /// <remarks>It knows the usual words, in English, and cannot tell a claim from its denial: "we do not know whether
    /// funds are safe" is refused too, and said otherwise. It never approves of a text: a person does.</remarks>
    public static string? WhyNot(string text, Incident incident)
    {
        if (Safety().Match(Plain(text)) is not { Success: true } claim)
            return null;
        var missing = incident switch
        {
            { Impact: { TakenUsd: > 0 } impact } => $"{impact.TakenUsd:N0} USD were taken",
            { Outflows.Count: > 0 } => "value left although it was paused",
            { Contained: null } => "the incident is not contained",
            { Impact: null } => "what was lost is not assessed",
            _ => null,
        };
        return missing is null ? null
            : $"it says '{claim.Value.Trim()}', and {missing}: say what is known and when the next word comes";
    }

    // Small letters, digits and single spaces: neither signs between words nor letters of another width hide a claim.
    private static string Plain(string text)
    {
        var plain = new StringBuilder(" ");
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= FullWidthFirst and <= FullWidthLast)
                plain.Append(char.ToLowerInvariant((char)(rune.Value - FullWidthFirst + '!')));
            else if (rune.Value is >= LigatureFirst and < LigatureFirst + 5)
                plain.Append(Ligatures[rune.Value - LigatureFirst]);
            else if (Rune.IsLetterOrDigit(rune))
                plain.Append(Rune.ToLowerInvariant(rune));
            else if (rune.Value is '\'' or '’' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark
                or UnicodeCategory.Format)
                continue;
            else if (plain[^1] != ' ')
                plain.Append(' ');
        }
        return plain.Append(' ').ToString();
    }

    [GeneratedRegex(
        """
        \ (?:
         (?:(?:funds?|assets?|deposits?|money|collateral|reserves?|vaults?|balances?|positions?|users?|protocol
            |treasury|everything|everyone|all)
         \ (?:are|is|remains?|stays?|were|was|have\ been|has\ been)\ (?:\w+\ ){0,2}?
         (?:safe|secure|safu|unaffected|not\ affected|untouched|not\ at\ risk|out\ of\ danger|intact|unharmed|fine))
        |funds?\ safu
        |no\ (?:\w+\ ){0,2}?(?:funds?|assets?|deposits?|money|loss|losses|users?|customers?|collateral|value)
         (?:\ (?:were|was|are|is|have\ been|has\ been|at|had\ been))?\ (?:\w+\ )?
         (?:lost|stolen|taken|drained|affected|impacted|compromised|risk|occurred|incurred)
        |(?:there\ (?:were|was|is|are|have\ been)|we\ had|with)\ no\ loss(?:es)?
        |nothing\ (?:was|is|has\ been|were)\ (?:\w+\ )?(?:lost|stolen|taken|drained|affected|at\ risk)
        |nobody\ (?:has\ |have\ )?(?:lost|is\ affected|was\ affected)
        |(?:was|were|is|are|has\ been|have\ been)\ not\ (?:hacked|exploited|drained|compromised|breached)
        |(?:werent|wasnt|arent|isnt|havent\ been|hasnt\ been)\ (?:\w+\ )?
         (?:hacked|exploited|drained|compromised|affected|at\ risk)
        |(?:fully|100)\ (?:percent\ )?(?:backed|collateralised|collateralized|covered)
        )\ 
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Safety();
}
