using System.Text;

namespace Tocsin.Pages;

/// <summary>The files that pages load, from our own address: a war room must open where nothing else answers.</summary>
public static class Assets
{
    public const string CssPath = "/assets/tocsin.css";
    public const string ScriptPath = "/assets/live.js";

    public const string SirenPath = "/assets/siren.js";

    public static string Css { get; } = Read("tocsin.css");

    public static string Script { get; } = Read("live.js");

    public static string Siren { get; } = Read("siren.js");

    /// <summary>A bell. Base64, because the markup's namespace looks like the address of an outside host.</summary>
    public static string Icon { get; } = "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#b3121d"/>
        <path fill="#fff"
        d="M8 2.5a1 1 0 0 1 1 1c1.8.5 2.6 2 2.6 4 0 2 .5 2.8 1.4 3.5H3
        """ + """
        c.9-.7 1.4-1.5 1.4-3.5 0-2 .8-3.5 2.6-4a1 1 0 0 1 1-1Z
        M6.6 12h2.8a1.4 1.4 0 0 1-2.8 0Z"/></svg>
        """));

    private static string Read(string name)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the build did not embed {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
