using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What drawing a question costs tells nothing that the split withholds.</summary>
public sealed class DrawingTests
{
    [Theory]
    [InlineData("SslContrastive-v1")]
    [InlineData("SslRotation-v1")]
    [InlineData("SslJigsaw-v1")]
    [InlineData("SslPatchPosition-v1")]
    [InlineData("Stability-v1")]
    public void Draw_HeldoutQuestionsOfBothClasses_TakesTheSameNumberOfScenes(string task)
    {
        const int slots = 32;
        var renderer = new CountingRenderer();
        var batch = new EnvironmentBatch(
            TaskCatalog.Find(task), new BatchOptions { Slots = slots, Split = Split.Heldout }, Given.Simulator,
            renderer);
        batch.Reset(1UL);
        var rgb = new byte[16 * 16 * 3];
        var drawn = new HashSet<int>();
        for (var slot = 0; slot < slots; slot++)
        {
            renderer.Scenes = 0;
            batch.View.Render([slot], new FrameFormat(16, 16), new FrameBuffers { Rgb = rgb });
            drawn.Add(renderer.Scenes);
        }

        Assert.Single(drawn);
    }

    private sealed class CountingRenderer : IRenderer
    {
        private readonly CpuRenderer _renderer = new();

        public int Scenes { get; set; }

        public string Name => _renderer.Name;

        public void Draw(ReadOnlySpan<Scene> scenes, in FrameFormat format, in FrameBuffers frames)
        {
            Scenes += scenes.Length;
            _renderer.Draw(scenes, format, frames);
        }
    }
}
