using System.Numerics;

namespace PhysIntuition.Simulation.Bodies;

/// <summary>An impulse, or a force that acts for a while, on one body.</summary>
/// <param name="Body">Index of the body in its world.</param>
/// <param name="Vector">World frame; N·s if <paramref name="Duration"/> is 0, else N.</param>
/// <param name="Offset">Where it acts, from the body's centre, m; world frame, it does not turn with the body.</param>
/// <param name="Start">s after the world's start, in [0, 3600].</param>
/// <param name="Duration">s, in [0, 3600]; 0 makes it an impulse.</param>
public readonly record struct ExternalForce(int Body, Vector3 Vector, Vector3 Offset, float Start, float Duration);
