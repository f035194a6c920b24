namespace Tocsin.Detection;

/// <summary>Numbers as people read them at night.</summary>
internal static class Words
{
    public static string Usd(decimal value) => $"{Math.Round(value):#,0} USD";

    /// <summary>A price with as many places as tell it apart from its neighbours.</summary>
    public static string Price(decimal value) => value >= 1 ? $"{value:#,0.00} USD" : $"{value:0.00######} USD";

    public static string Share(decimal fraction) => $"{fraction * 100:#,0.#} %";

    public static string Change(decimal fraction) =>
        fraction < 0 ? $"down {Share(-fraction)}" : $"up {Share(fraction)}";

    public static string Count(int count, string one, string many) => count == 1 ? $"1 {one}" : $"{count:#,0} {many}";
}
