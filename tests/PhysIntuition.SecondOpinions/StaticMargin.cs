using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>How a static margin was found.</summary>
public enum StaticMarginKind
{
    /// <summary>Every body rests on one other: centres of mass against support polygons; exact.</summary>
    Columns,

    /// <summary>Forces at all contacts by a linear programme; to 1/1024, friction by an inscribed pyramid.</summary>
    ContactForces,
}

/// <summary>How far a structure is from falling over under its own weight, from its poses alone.</summary>
/// <remarks>
/// The margin is the largest share m of the width by which the sides of every support polygon can move
/// inwards with the structure still in equilibrium; it is negative where they must move outwards first.
/// The width is that of the upper body of the contact, along the direction in which the side moves.
/// </remarks>
/// <param name="Value">In [-1, 0.5]; a body without support makes it -1.</param>
/// <param name="Kind">How it was found.</param>
/// <param name="Body">
/// For columns, the lowest body of the part that is nearest to tipping; -1 if not known or if nothing can move.
/// </param>
public readonly record struct StaticMargin(float Value, StaticMarginKind Kind, int Body)
{
    private const double Min = -1, Max = 0.5;

    /// <summary>Whether the structure stands, by the criterion.</summary>
    public bool IsStable => Value >= 0;

    /// <summary>Judges a world at rest; velocities, pushes and restitution are ignored.</summary>
    /// <param name="world">Is not changed.</param>
    /// <param name="tolerance">Bodies at most this far apart touch, m.</param>
    public static StaticMargin Of(World world, float tolerance = ContactGraph.DefaultTolerance)
    {
        var touches = Touch.FindAll(world, tolerance, out var boxes);
        if (!world.Bodies.Exists(body => body.Motion == Motion.Dynamic))
        {
            return new((float)Max, StaticMarginKind.Columns, -1);
        }

        if (ColumnMargin.TryFind(world, boxes, touches, out var margin, out var weakest))
        {
            return new((float)Math.Clamp(margin, Min, Max), StaticMarginKind.Columns, weakest);
        }

        return new((float)ForceMargin.Find(world, boxes, touches, Min, Max), StaticMarginKind.ContactForces, -1);
    }
}

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
