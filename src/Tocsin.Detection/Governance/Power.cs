namespace Tocsin.Detection.Governance;

/// <summary>What a call of governance would move. The order is that in which a sentence tells them.</summary>
public enum Power
{
    /// <summary>Which code a contract runs.</summary>
    Code,

    /// <summary>Whose a contract is.</summary>
    Ownership,

    /// <summary>Who may call what.</summary>
    Roles,

    /// <summary>How long a change must wait, and how many must agree to it.</summary>
    Delays,

    /// <summary>Code from elsewhere, run in the name of governance: what it does is not in the proposal.</summary>
    Execution,

    /// <summary>New coins.</summary>
    Minting,

    /// <summary>What governance owns.</summary>
    Treasury,

    /// <summary>Whether a contract works.</summary>
    Pausing,
}

/// <summary>Powers in words.</summary>
internal static class PowerWords
{
    /// <summary>As what follows "would".</summary>
    public static string Deed(this Power power) => power switch
    {
        Power.Code => "replace code",
        Power.Ownership => "hand over a contract",
        Power.Roles => "hand out powers",
        Power.Delays => "change delays or quorum",
        Power.Execution => "run code from elsewhere in the name of governance",
        Power.Minting => "mint coins",
        Power.Treasury => "pay out or allow to be taken what governance owns",
        Power.Pausing => "pause or unpause",
    };
}
