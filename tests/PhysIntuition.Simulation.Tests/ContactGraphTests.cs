using System.Numerics;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

public sealed class ContactGraphTests
{
    [Fact]
    public void Of_Column_TouchesNeighboursOnly()
    {
        var graph = ContactGraph.Of(Structures.Column(0f, 0.2f, 0.1f));

        Assert.Equal(3, graph.Contacts.Count);
        Assert.True(graph.AreTouching(0, Contact.Ground));
        Assert.True(graph.AreTouching(0, 1));
        Assert.True(graph.AreTouching(2, 1));
        Assert.False(graph.AreTouching(0, 2));
    }

    [Fact]
    public void Of_ShiftedCubes_GivesTheSharedRectangle()
    {
        // [-1/2, 1/2] and [-0.3, 0.7] along x share [-0.3, 1/2]; along z everything; at height 1.
        var contact = Assert.Single(ContactGraph.Of(Structures.Column(0f, 0.2f)).Contacts, c => c.Lower == 0);

        Assert.Equal(Vector3.UnitY, contact.Normal);
        Assert.Equal(4, contact.Points.Count);
        Assert.All(contact.Points, point => Assert.Equal(1f, point.Y, 1e-6f));
        Assert.Equal(-0.3f, contact.Points.Min(point => point.X), 1e-6f);
        Assert.Equal(0.5f, contact.Points.Max(point => point.X), 1e-6f);
        Assert.Equal(0.5f, contact.Points.Max(point => point.Z), 1e-6f);
    }

    [Theory]
    [InlineData(0.0005f, true)]
    [InlineData(0.0015f, false)]
    public void Of_SmallGap_TouchesWithinTheTolerance(float gap, bool expected)
    {
        var world = Structures.Column(0f);
        world.Bodies.Add(new() { Position = new(0f, 1.5f + gap, 0f) });

        Assert.Equal(expected, ContactGraph.Of(world, 0.001f).AreTouching(0, 1));
    }

    [Fact]
    public void Of_CubeOnItsEdge_TouchesAlongALine()
    {
        // Turned by 45 degrees about z, the cube's lowest edge is sqrt(2)/2 below its centre.
        var half = MathF.PI / 8;
        var world = new World();
        world.Bodies.Add(new()
        {
            Position = new(0f, MathF.Sqrt(2f) / 2, 0f),
            Orientation = new(0f, 0f, MathF.Sin(half), MathF.Cos(half)),
        });

        var contact = Assert.Single(ContactGraph.Of(world).Contacts);

        Assert.Equal(-0.5f, contact.Points.Min(point => point.Z), 1e-5f);
        Assert.Equal(0.5f, contact.Points.Max(point => point.Z), 1e-5f);
        Assert.All(contact.Points, point => Assert.True(MathF.Abs(point.X) < 0.0011f));
    }

    [Fact]
    public void Of_CrossedEdges_TouchInOnePoint()
    {
        // Two long bars, each standing on an edge, cross at right angles: their edges meet above the origin.
        var half = MathF.PI / 8;
        var edge = MathF.Sqrt(2f) * 0.1f;
        var world = new World { HasGround = false };
        world.Bodies.Add(new()
        {
            HalfExtents = new(0.1f, 0.1f, 1f),
            Orientation = new(0f, 0f, MathF.Sin(half), MathF.Cos(half)),
            Motion = Motion.Fixed,
        });
        world.Bodies.Add(new()
        {
            Position = new(0f, 2 * edge, 0f),
            HalfExtents = new(1f, 0.1f, 0.1f),
            Orientation = new(MathF.Sin(half), 0f, 0f, MathF.Cos(half)),
        });

        var contact = Assert.Single(ContactGraph.Of(world).Contacts);

        var point = Assert.Single(contact.Points);
        Assert.Equal(0f, Vector3.Distance(new(0f, edge, 0f), point), 1e-5f);
        Assert.Equal(1f, contact.Normal.Y, 1e-5f);
    }

    [Fact]
    public void Of_PairsThatCannotMove_LeavesThemOut()
    {
        var world = Structures.Column(0f, 0f);
        world.Bodies[0] = world.Bodies[0] with { Motion = Motion.Fixed };

        var graph = ContactGraph.Of(world);

        Assert.False(graph.AreTouching(0, Contact.Ground));
        Assert.True(graph.AreTouching(1, 0));
    }

    [Fact]
    public void HasSamePairs_AfterABlockIsLifted_IsFalse()
    {
        var before = ContactGraph.Of(Structures.Column(0f, 0f));
        var lifted = Structures.Column(0f, 0f);
        lifted.Bodies[1] = lifted.Bodies[1] with { Position = new(0f, 2f, 0f) };

        Assert.True(before.HasSamePairs(ContactGraph.Of(Structures.Column(0f, 0.1f))));
        Assert.False(before.HasSamePairs(ContactGraph.Of(lifted)));
    }
}
