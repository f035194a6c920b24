using Tocsin.Findings;

namespace Tocsin.Detection.Detectors;

/// <summary>What is told of a kind of detector: the documentation is made of these.</summary>
/// <param name="Name">As findings name it and the configuration its section, for example <c>redemption-run</c>.</param>
/// <param name="Finds">What it recognises and why that matters, in sentences.</param>
/// <param name="Inputs">What it must be shown.</param>
/// <param name="Defaults">A line for each setting: its key, its default, what it does.</param>
/// <param name="BlindSpots">What it does not see, and what it takes for an attack though it is none.</param>
public sealed record DetectorCard(
    string Name,
    Threat Threat,
    string Finds,
    string Inputs,
    ValueList<string> Defaults,
    ValueList<string> BlindSpots);
