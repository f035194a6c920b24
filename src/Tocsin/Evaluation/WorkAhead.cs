namespace Tocsin.Evaluation;

/// <summary>Told, before each piece of an evaluation, what it is and which share of all pieces is done.</summary>
/// <param name="done">From 0 to 1, of this evaluation alone.</param>
internal delegate void WorkAhead(string what, double done);
