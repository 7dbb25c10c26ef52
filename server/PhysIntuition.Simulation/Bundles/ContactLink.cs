namespace PhysIntuition.Simulation.Bundles;

/// <summary>One contact of a step: which record, which bodies, how many points.</summary>
/// <param name="Id">Record of the contact.</param>
/// <param name="A">Slot of the first body; -1 is the ground.</param>
/// <param name="B">Slot of the second body.</param>
/// <param name="Points">Points of the lane with the most of them, at least 1.</param>
/// <param name="CanBounce">Whether some lane's bodies can bounce or meet fast.</param>
internal readonly record struct ContactLink(int Id, int A, int B, int Points, bool CanBounce);
