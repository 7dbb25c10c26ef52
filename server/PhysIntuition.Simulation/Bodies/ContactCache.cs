
namespace PhysIntuition.Simulation.Bodies;

/// <summary>What the engine remembers of a world between calls: slot order and contact impulses.</summary>
/// <remarks>
/// It counts only while the bodies are as the engine left them; then two runs of a second are one run of two, bit
/// for bit. Layout of <see cref="Contacts"/>: per contact slot A (-1 ground), slot B, points, two tangents, then per
/// point feature, normal and two friction impulses.
/// </remarks>
internal sealed class ContactCache
{
    private ulong _bodies;

    public List<byte> BodyOfSlot { get; } = [];

    public List<float> Contacts { get; } = [];

    public bool Fits(World world) => BodyOfSlot.Count == world.Bodies.Count && _bodies == HashOf(world);

    public void Seal(World world) => _bodies = HashOf(world);

    public void CopyFrom(ContactCache other)
    {
        BodyOfSlot.Clear();
        BodyOfSlot.AddRange(other.BodyOfSlot);
        Contacts.Clear();
        Contacts.AddRange(other.Contacts);
        _bodies = other._bodies;
    }

    private static ulong HashOf(World world)
    {
        var hash = new WorldHash();
        foreach (var body in world.Bodies)
        {
            hash.Add(body);
        }

        return hash.Value;
    }
}
