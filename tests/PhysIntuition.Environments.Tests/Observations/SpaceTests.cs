using System.Runtime.InteropServices;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests.Observations;

/// <summary>What is observed against the declared types, shapes and ranges, over many scenes.</summary>
public sealed class SpaceTests
{
    private const int Scenes = 12, Width = 40, Height = 24;

    private static readonly int[] s_all = [.. Enumerable.Range(0, Scenes)];

    public static TheoryData<string> Tasks => Given.Tasks;

    public static TheoryData<string> SceneTasks => Given.SceneTasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Layout_OfAllObservations_HasTheDeclaredShapes(string id)
    {
        var specs = ObservationSpec.Of(Given.Batch(id, 1).Task.Spec).ToList();
        var layout = new ObservationLayout(specs, Width, Height, samples: 4);
        foreach (var column in layout.Columns)
        {
            int[] shape = column.Spec.Name switch
            {
                "rgb" => [Height, Width, 3],
                "depth" or "segmentation" => [Height, Width],
                "state" => [16, 20],
                _ => [],
            };
            var size = column.Spec.Name switch
            {
                "rgb" or "segmentation" => 1, "depth" or "state" or "margin" or "steps" => 4,
                "seed" or "scene_hash" or "outcome_hash" => 8, _ => 0,
            };

            Assert.Equal(shape, column.Shape);
            Assert.Equal(shape.Aggregate(size, (bytes, axis) => bytes * axis), column.BytesPerRow);
            Assert.Equal(column.BytesPerRow == 0, column.Spec.IsText);
        }

        Assert.Equal(specs.Count, specs.Select(spec => spec.Name).Distinct().Count());
        Assert.True(layout.HasPictures && layout.ShowsScene);
    }

    [Theory]
    [MemberData(nameof(SceneTasks))]
    public void Render_Depth_IsPositiveAndInfiniteOnlyInTheSky(string id)
    {
        var batch = Open(id);
        var (depth, segmentation) = (new float[Scenes * Width * Height], new byte[Scenes * Width * Height]);
        batch.View.Render(
            s_all, new FrameFormat(Width, Height, Channels.Depth | Channels.Segmentation),
            new FrameBuffers { Depth = depth, Segmentation = segmentation });

        Assert.All(depth, distance => Assert.True(distance > 0));
        Assert.All(depth.Zip(segmentation), pixel =>
            Assert.True(!float.IsPositiveInfinity(pixel.First) || pixel.Second == 255));
        Assert.Contains(depth, float.IsFinite);
    }

    [Theory]
    [MemberData(nameof(SceneTasks))]
    public void Render_Segmentation_NamesTheSkyTheGroundAndBodiesThatAreThere(string id)
    {
        var batch = Open(id);
        var segmentation = new byte[Scenes * Width * Height];
        batch.View.Render(
            s_all, new FrameFormat(Width, Height, Channels.Segmentation),
            new FrameBuffers { Segmentation = segmentation });
        for (var slot = 0; slot < Scenes; slot++)
        {
            var (bodies, seen) = (batch.View.Episode(slot).World.Bodies.Count, segmentation
                .AsSpan(slot * Width * Height, Width * Height).ToArray().Distinct().ToList());

            Assert.All(seen, value => Assert.True(value == 255 || value <= bodies, $"{value} of {bodies}"));
            Assert.Contains((byte)0, seen);
            // At this size a small block may hide behind another; most are seen.
            Assert.True(seen.Count(value => value is > 0 and < 255) > bodies / 2.0, $"{seen.Count} of {bodies}");
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void State_OverStatesOfOtherScenes_IsTheSame(string id)
    {
        var batch = Open(id);
        var (over, alone) = (new float[Scenes * StateLayout.Length], new float[Scenes * StateLayout.Length]);
        batch.View.State(s_all, over);
        for (var seed = 1UL; seed < 4; seed++)
        {
            batch.Reset(100 * seed);
            batch.View.State(s_all, over, holdsStates: true);
            alone.AsSpan().Fill(float.NaN);
            batch.View.State(s_all, alone);
            Assert.Equal(alone, over);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void State_EveryColumn_LiesInItsRange(string id)
    {
        var batch = Open(id);
        var state = new float[Scenes * StateLayout.Length];
        batch.View.State(s_all, state);
        for (var slot = 0; slot < Scenes; slot++)
        {
            var bodies = batch.View.Episode(slot).World.Bodies.Count;
            for (var row = 0; row < StateLayout.Rows; row++)
            {
                var own = state.AsSpan((slot * StateLayout.Length) + (row * StateLayout.Columns), StateLayout.Columns);
                if (row >= bodies)
                {
                    Assert.Equal(-1, own.IndexOfAnyExcept(0f));
                    continue;
                }

                AssertBody(own.ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_Numbers_AreTheResultsOfTheSlotsInTheOrderAskedFor(string id)
    {
        var batch = Open(id);
        batch.Step(Given.ExpertActions(batch));
        int[] order = [3, 0, 3, Scenes - 1];

        Assert.Equal(order.Select(slot => batch.Results.Seeds[slot]), Read<ulong>(batch, ObservationKind.Seed, order));
        Assert.Equal(order.Select(slot => batch.Results.Steps[slot]), Read<int>(batch, ObservationKind.Steps, order));
        Assert.Equal(order.Select(slot => batch.Results.Margins[slot]),
            Read<float>(batch, ObservationKind.Margin, order));
        Assert.Equal(order.Select(slot => batch.Results.SceneHashes[slot]),
            Read<ulong>(batch, ObservationKind.SceneHash, order));
        Assert.Equal(order.Select(slot => batch.Results.OutcomeHashes[slot]),
            Read<ulong>(batch, ObservationKind.OutcomeHash, order));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Render_OneBatchOrOneByOne_GivesTheSameBytes(string id)
    {
        var batch = Open(id);
        var format = new FrameFormat(Width, Height);
        var size = format.BytesOf(Channels.Rgb);
        var together = new byte[Scenes * size];
        batch.View.Render(s_all, format, new FrameBuffers { Rgb = together });
        foreach (var slot in (int[])[0, 5, Scenes - 1])
        {
            var alone = new byte[size];
            batch.View.Render([slot], format, new FrameBuffers { Rgb = alone });
            Assert.Equal(alone, together[(slot * size)..((slot + 1) * size)]);
        }
    }

    [Fact]
    public void Find_ObservationOfATask_IsByItsExactName()
    {
        var spec = Given.Batch("SslJigsaw-v1", 1).Task.Spec;

        Assert.Equal(ObservationKind.Rgb, ObservationSpec.Find(spec, "rgb")!.Kind);
        Assert.Equal(ObservationKind.SceneHash, ObservationSpec.Find(spec, "scene_hash")!.Kind);
        Assert.Null(ObservationSpec.Find(spec, "RGB"));
        Assert.Null(ObservationSpec.Find(spec, "depth"));   // its pictures are put together, and have none
    }

    [Theory]
    [InlineData(null, null, double.NaN, """{"parse_error":null,"verdict":null,"distance":null}""")]
    [InlineData(null, "Close.", 0.125, """{"parse_error":null,"verdict":"Close.","distance":0.125}""")]
    [InlineData(null, "Right.", double.NaN, """{"parse_error":null,"verdict":"Right.","distance":null}""")]
    [InlineData("No tag.", "Unreadable.", double.NaN,
        """{"parse_error":"No tag.","verdict":"Unreadable.","distance":null}""")]
    [InlineData(null, null, double.PositiveInfinity, """{"parse_error":null,"verdict":null,"distance":null}""")]
    public void Text_Info_IsJsonWithNullForWhatIsNotSaid(
        string? error, string? verdict, double distance, string json) =>
        Assert.Equal(json, SlotInfo.Text(error, verdict, distance));

    private static void AssertBody(float[] row)
    {
        Assert.Equal(1f, row[0]);
        Assert.All(row[1..4], place => Assert.InRange(place, -25f, 25f));
        Assert.True(row[2] > 0, "A body's centre is above the ground.");
        Assert.Equal(1f, row[4..8].Sum(part => part * part), 1e-5f);
        Assert.All(row[8..11], speed => Assert.InRange(speed, -6f, 6f));
        Assert.All(row[11..14], half => Assert.InRange(half, 0.01f, 2f));
        Assert.True(row[14] > 0, "A body has mass.");
        Assert.InRange(row[15], 0f, 1.5f);
        Assert.InRange(row[16], 0f, 0.9f);
        Assert.All(row[17..20], color => Assert.InRange(color, 0f, 1f));
    }

    private static T[] Read<T>(EnvironmentBatch batch, ObservationKind kind, int[] slots)
        where T : unmanaged
    {
        var rows = new T[slots.Length];
        ObservationReader.Read(batch, kind, slots, ObservationTime.Now, outcome: null,
            MemoryMarshal.AsBytes(rows.AsSpan()));

        return rows;
    }

    private static EnvironmentBatch Open(string id)
    {
        var batch = Given.Batch(id, Scenes);
        batch.Reset(8000);

        return batch;
    }
}
