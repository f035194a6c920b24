using Tocsin.Plans;

namespace Tocsin.People;

/// <summary>Who is meant by an account that another system proves. It answers for a person, and never approves.
/// </summary>
public static class Accounts
{
    /// <summary>
    /// The person who has this account: one of those under <c>chat</c>, which commas part, the address under
    /// <c>email</c>, or the number under <c>phone</c>. Null where nobody has it, or more than one, or one who is
    /// revoked: what it says is then nobody's word.
    /// </summary>
    public static Person? HolderOf(Plan plan, string account) =>
        Only(plan, person => ChatsOf(person).Contains(account)
            || string.Equals(person.Email, account, StringComparison.OrdinalIgnoreCase)
            || (account.StartsWith('+') && person.Phone is { } phone && Dialled(phone) == account));

    /// <summary>The accounts that stand under <c>chat</c>.</summary>
    public static IEnumerable<string> ChatsOf(Person person) =>
        (person.Chat ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Person? Only(Plan plan, Func<Person, bool> isMeant) =>
        plan.People.Concat(plan.Struck).Where(isMeant).Take(2).ToList() is [var only] && plan.Person(only.Id) is { } one
            ? one
            : null;

    // As people write it: +49 (151) 123-456.
    private static string Dialled(string phone) =>
        string.Concat(phone.Where(letter => char.IsAsciiDigit(letter) || letter == '+'));
}
