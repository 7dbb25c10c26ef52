using System.Numerics;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What is asked of a scene, measured in its segmentation and its depth and not in its bodies.</summary>
public sealed class SeeingLabelTests
{
    private const int Scenes = 24;
    private const int Side = 448;          // pixels
    private const int LeastPixels = 60;    // of a block: fewer are not seen as one

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"blocks":{"min":12,"max":12}}""")]
    [InlineData("""{"camera":{"azimuth":{"min":40,"max":45},"elevation":{"min":2,"max":4}}}""")]
    [InlineData("""{"camera":{"azimuth":{"min":-45,"max":-45},"elevation":{"min":60,"max":60}}}""")]
    [InlineData("""{"camera":{"fieldOfView":{"min":80,"max":80}},"blockWidth":{"min":0.2,"max":1}}""")]
    public void Reset_Count_IsTheNumberOfBlocksThatCanBeSeen(string options)
    {
        var batch = Batch("Count-v1", options);
        for (var slot = 0; slot < Scenes; slot++)
        {
            var seen = View.Of(batch, slot).Ids().Where(id => id is > 0 and < View.Sky)
                .CountBy(id => id).Count(block => block.Value >= LeastPixels);

            Assert.Equal(seen, batch.View.ExpertNumbers(slot)[0]);
        }
    }

    [Fact]
    public void Reset_ManyCounts_AreEquallyFrequent()
    {
        const int many = 1600;
        var batch = Given.Batch("Count-v1", many);
        batch.Reset(0UL);

        var counts = Enumerable.Range(0, many).CountBy(slot => batch.View.ExpertNumbers(slot)[0]).ToDictionary();

        // Four standard deviations of a count of 200.
        Assert.Equal(8, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 200 - 56, 200 + 56));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"blocks":{"min":2,"max":2}}""")]
    [InlineData("""{"blocks":{"min":12,"max":12},"camera":{"azimuth":{"min":25,"max":40}}}""")]
    public void Reset_Locate_IsTheWayBetweenTheLettersAsDepthTellsIt(string options)
    {
        var batch = Batch("Locate-v1", options);
        for (var slot = 0; slot < Scenes; slot++)
        {
            var (view, labels) = (View.Of(batch, slot), batch.View.Episode(slot).Overlays);
            var (a, b) = (view.Place(labels[0].From), view.Place(labels[1].From));
            var expert = batch.View.ExpertNumbers(slot);

            // A pixel is about 1 cm wide.
            Assert.Equal(expert[0], 100 * (a.X - b.X), 3f);
            Assert.Equal(expert[1], 100 * (a.Y - b.Y), 3f);
        }
    }

    [Theory]
    [InlineData("leftmost")]
    [InlineData("highest")]
    [InlineData("nearest")]
    [InlineData("largest")]
    public void Reset_Order_IsTheOrderInTheDepthPicture(string relation)
    {
        const string varied = """{"azimuth":{"min":-45,"max":45},"fieldOfView":{"min":20,"max":70}}""";
        foreach (var camera in (string[])["{}", varied])
        {
            var batch = Batch("Order-v1", $$"""{"relation":"{{relation}}","camera":{{camera}}}""");
            for (var slot = 0; slot < Scenes; slot++)
            {
                var (view, episode) = (View.Of(batch, slot), batch.View.Episode(slot));
                var values = episode.Overlays.Select(label => Value(view, label.From, relation)).ToList();

                Assert.Equal(values.IndexOf(values.Max()), batch.View.ExpertNumbers(slot)[0]);
                Assert.Equal(["1", "2", "3", "4"], episode.Overlays.Select(label => label.Text));
            }
        }
    }

    [Fact]
    public void Reset_OrderOfBlocksThatAreAlike_AsksForTheRestAndRefusesTheLargest()
    {
        const string alike = """ "blockWidth":{"min":0.5,"max":0.5},"blockHeight":{"min":1,"max":1} """;
        var batch = Batch("Order-v1", $"{{{alike}}}");

        Assert.All(Enumerable.Range(0, Scenes), slot =>
            Assert.DoesNotContain("largest", batch.View.Prompt(slot), StringComparison.Ordinal));
        var fault = Assert.Throws<PhysIntuition.Faults.PhysIntuitionException>(
            () => Batch("Order-v1", $$"""{"relation":"largest",{{alike}}}"""));
        Assert.Equal("options.relation", fault.Field);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"blocks":{"min":2,"max":2},"blockWidth":{"min":0.2,"max":1.5}}""")]
    [InlineData("""{"blocks":{"min":10,"max":10},"blockHeight":{"min":0.3,"max":1.5}}""")]
    public void Reset_Margin_IsTheTorqueAtTheNearerEdgeOverTheWeight(string options)
    {
        var batch = Batch("Margin-v1", options);
        var signs = new HashSet<int>();
        for (var slot = 0; slot < Scenes; slot++)
        {
            var (episode, expert) = (batch.View.Episode(slot), batch.View.ExpertNumbers(slot)[0]);
            var (marked, bodies) = (episode.State.Subject, episode.World.Bodies);
            Assert.Equal(bodies[marked].Position.X, episode.Overlays[0].From.X);
            Assert.InRange(expert / 200 / bodies[marked + 1].HalfExtents.X, -0.31, 0.46);

            var room = Statics.RoomOf(bodies, marked + 1) * 2 * bodies[marked + 1].HalfExtents.X;

            Assert.Equal(expert / 100, room, 1e-5);
            signs.Add(Math.Sign(expert));
        }

        Assert.Superset(new HashSet<int> { -1, 1 }, signs);
    }

    [Theory]
    [InlineData("Count-v1")]
    [InlineData("Margin-v1")]
    [InlineData("Locate-v1")]
    [InlineData("Order-v1")]
    [InlineData("Describe-v1")]
    public void Step_SeeingTask_SimulatesNothing(string task)
    {
        var simulator = new CountingSimulator();
        var spec = Environments.Tasks.TaskCatalog.Find(task);
        var batch = new EnvironmentBatch(spec, new BatchOptions { Slots = 8 }, simulator, Given.Renderer);
        batch.Reset(0UL);
        batch.BeginStep(Given.ExpertActions(batch), default, showsOutcomes: true);
        new WorldRunner(simulator).Run(batch);

        Assert.Equal(0, simulator.Worlds);
    }

    private static double Value(View view, Vector3 label, string relation)
    {
        switch (relation)
        {
            case "leftmost":
                return -view.Pixel(label).X;
            case "nearest":
                return -view.Ahead(view.Place(label));
            case "highest":
                return view.Fronts(label).Max(place => place.Y);
            default:
                var front = view.Fronts(label);
                var width = front.Max(place => place.X) - front.Min(place => place.X);

                return width * width * (front.Max(place => place.Y) - front.Min(place => place.Y));
        }
    }

    private static EnvironmentBatch Batch(string task, string options)
    {
        var batch = Given.Batch(task, Scenes, options: options);
        batch.Reset(40);

        return batch;
    }

    // A scene as its pictures have it: what block is at a pixel, and how far away.
    private sealed class View(Camera camera, byte[] segments, float[] depths)
    {
        public const byte Sky = 255;

        private readonly Vector3 _forward = Vector3.Normalize(camera.Target - camera.Eye);

        public static View Of(EnvironmentBatch batch, int slot)
        {
            var (segments, depths) = (new byte[Side * Side], new float[Side * Side]);
            batch.View.Render([slot], new FrameFormat(Side, Side, Channels.Segmentation | Channels.Depth),
                new FrameBuffers { Segmentation = segments, Depth = depths });

            return new(batch.View.Episode(slot).Camera, segments, depths);
        }

        private Vector3 Right => Vector3.Normalize(Vector3.Cross(_forward, Vector3.UnitY));

        private float Reach => MathF.Tan(camera.FieldOfView / 2);

        public IEnumerable<byte> Ids() => segments;

        /// <summary>How far a place is from the eye along the ground in the direction of the view.</summary>
        public double Ahead(Vector3 place) =>
            Vector3.Dot(place - camera.Eye, Vector3.Normalize(_forward with { Y = 0 }));

        /// <summary>Where a place is drawn.</summary>
        public Vector2 Pixel(Vector3 place)
        {
            var (way, up) = (place - camera.Eye, Vector3.Cross(Right, _forward));
            var scale = Side / (2 * Reach * Vector3.Dot(way, _forward));

            return new((Side / 2f) + (Vector3.Dot(way, Right) * scale), (Side / 2f) - (Vector3.Dot(way, up) * scale));
        }

        /// <summary>What is seen where a place is drawn: the surface there, m.</summary>
        public Vector3 Place(Vector3 place)
        {
            var pixel = Pixel(place);

            return Surface((int)pixel.X, (int)pixel.Y);
        }

        /// <summary>The seen surface of the block at a place, as far as it is its front.</summary>
        public List<Vector3> Fronts(Vector3 place)
        {
            var (at, places) = (Pixel(place), new List<Vector3>());
            var (id, z) = (segments[((int)at.Y * Side) + (int)at.X], Place(place).Z);
            for (var i = 0; i < segments.Length; i++)
            {
                if (segments[i] == id && Surface(i % Side, i / Side) is var seen && MathF.Abs(seen.Z - z) < 0.02f)
                {
                    places.Add(seen);
                }
            }

            return places;
        }

        private Vector3 Surface(int x, int y)
        {
            var a = ((2 * (x + 0.5f) / Side) - 1) * Reach;
            var b = (1 - (2 * (y + 0.5f) / Side)) * Reach;
            var ray = _forward + (Right * a) + (Vector3.Cross(Right, _forward) * b);

            return camera.Eye + (ray * depths[(y * Side) + x]);
        }
    }
}
