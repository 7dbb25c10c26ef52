using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests.Observations;

/// <summary>Every observation of a row belongs to that row's episode.</summary>
public sealed class SameStepTests
{
    private const int Slots = 6, Side = 32;

    private static readonly int[] s_all = [.. Enumerable.Range(0, Slots)];

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Step_SameStepMode_GivesFinalAndNewRowsTheirOwnEpisodes(string task)
    {
        var (same, ended) = (Given.Batch(task, Slots, mode: AutoresetMode.SameStep), Given.Batch(task, Slots));
        foreach (var batch in (EnvironmentBatch[])[same, ended])
        {
            batch.Reset(20);
            // Episodes that may end at different steps end at the first here, so that all have a final one to show.
            Given.PlayToTheEnd(batch, showsOutcomes: true, endsAtOnce: !batch.Task.Spec.AsksOnce);
        }

        var fresh = Given.Batch(task, Slots);
        fresh.Reset(default, same.Results.Seeds);

        Assert.All(same.Results.HasFinal, Assert.True);
        foreach (var spec in ObservationSpec.Of(same.Task.Spec))
        {
            Assert.Equal(Read(ended, spec), Read(same, spec, ObservationTime.Final));
            Assert.Equal(Read(fresh, spec), Read(same, spec));
        }
    }

    // One string for each row, whatever the type.
    private static string[] Read(
        EnvironmentBatch batch, ObservationSpec spec, ObservationTime time = ObservationTime.Now)
    {
        if (spec.IsText)
        {
            return [.. s_all.Select(slot => ObservationReader.ReadText(batch, spec.Kind, slot, time))];
        }

        var layout = new ObservationLayout([spec], Side, Side, samples: 4);
        var bytes = new byte[Slots * layout.Columns[0].BytesPerRow];
        switch (spec.Kind)
        {
            case ObservationKind.Rgb:
                batch.View.Render(s_all, layout.Format, new FrameBuffers { Rgb = bytes }, time);
                break;
            case ObservationKind.Segmentation:
                batch.View.Render(s_all, layout.Format, new FrameBuffers { Segmentation = bytes }, time);
                break;
            case ObservationKind.Depth:
                var depth = new float[bytes.Length / sizeof(float)];
                batch.View.Render(s_all, layout.Format, new FrameBuffers { Depth = depth }, time);
                Buffer.BlockCopy(depth, 0, bytes, 0, bytes.Length);
                break;
            default:
                ObservationReader.Read(batch, spec.Kind, s_all, time, outcome: null, bytes);
                break;
        }

        return [.. bytes.Chunk(layout.Columns[0].BytesPerRow).Select(Convert.ToHexString)];
    }
}
