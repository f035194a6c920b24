namespace Tocsin.Detection.Detectors;

/// <summary>
/// How one detector is set, and for what subject. The watch holds them; the engine makes a detector of each. Subjects
/// are named as the plan names them, or by address.
/// </summary>
public abstract record DetectorSettings
{
    /// <summary>What is told of detectors of this kind.</summary>
    public abstract DetectorCard Card { get; }

    /// <summary>What it looks at, by its name; empty where it looks at everything that is protected.</summary>
    public abstract string Subject { get; }

    /// <summary>Names this one among all, for example <c>redemption-run dUSD</c>.</summary>
    public string Name => Subject.Length == 0 ? Card.Name : $"{Card.Name} {Subject}";

    /// <summary>Says in sentences what is wrong with the settings; none if a detector can be made of them.</summary>
    public virtual IEnumerable<string> Problems(Watch watch) => [];

    /// <summary>Makes the detector. Asked only where there are no problems.</summary>
    internal abstract Detector Create(Watch watch);
}
