using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions.Statics;

/// <summary>Who touches whom.</summary>
public sealed class ContactGraph
{
    /// <summary>How near bodies count as touching unless said otherwise, m.</summary>
    public const float DefaultTolerance = 0.001f;

    private ContactGraph(IReadOnlyList<Contact> contacts) => Contacts = contacts;

    /// <summary>Each touching pair once, in the order of the bodies; the ground before bodies.</summary>
    public IReadOnlyList<Contact> Contacts { get; }

    /// <summary>Finds the contacts of a world from its poses; pairs that cannot move are left out.</summary>
    /// <param name="world">Is not changed.</param>
    /// <param name="tolerance">Bodies at most this far apart touch, m.</param>
    public static ContactGraph Of(World world, float tolerance = DefaultTolerance)
    {
        var touches = Touch.FindAll(world, tolerance, out _);
        return new([.. touches.Select(touch => new Contact(
            touch.Upper,
            touch.Lower,
            touch.Normal.ToVector3(),
            [.. touch.Points.Select(point => point.ToVector3())]))]);
    }

    /// <summary>Whether two bodies touch, in either order; <see cref="Contact.Ground"/> is the ground.</summary>
    public bool AreTouching(int a, int b) => Contacts.Any(contact =>
        (contact.Upper == a && contact.Lower == b) || (contact.Upper == b && contact.Lower == a));

    /// <summary>Whether the same pairs touch as in another graph.</summary>
    public bool HasSamePairs(ContactGraph other) =>
        Contacts.Count == other.Contacts.Count
        && Contacts.All(contact => other.AreTouching(contact.Upper, contact.Lower));
}
