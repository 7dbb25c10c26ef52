using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Whoever is told that a frame is drawn finds it whole.</summary>
public sealed class DrawnTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Draw_WithSomebodyToTell_TellsOnceOfEachWholeFrame(int threads)
    {
        const int side = 48, size = side * side * 3;
        Scene[] scenes = [.. Enumerable.Range(0, 9).Select(i => Given.Clutter((ulong)i, 3))];
        var (rgb, told, seen) = (new byte[scenes.Length * size], new int[scenes.Length], new byte[scenes.Length][]);

        new CpuRenderer(threads: threads).Draw(scenes, new(side, side), new()
        {
            Rgb = rgb,
            Drawn = i =>
            {
                Interlocked.Increment(ref told[i]);
                seen[i] = rgb.AsSpan(i * size, size).ToArray();
            },
        });

        Assert.All(told, times => Assert.Equal(1, times));
        for (var i = 0; i < scenes.Length; i++)
        {
            Assert.Equal(Given.DrawRgb(scenes[i], side, side), seen[i]);
        }
    }
}
