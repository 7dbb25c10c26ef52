using System.Runtime.InteropServices;

namespace PhysIntuition.Environments.Batches;

/// <summary>Draws many episodes at a time on all threads.</summary>
internal sealed class BatchPainter(ITask task, IRenderer renderer)
{
    private readonly List<Scene> _scenes = [];
    private readonly List<(Episode Episode, World World)> _episodes = [];   // of a task that composes its pictures
    private int _count;

    /// <summary>Begins a batch of pictures.</summary>
    public void Begin()
    {
        _count = 0;
        _episodes.Clear();
    }

    /// <summary>Adds a picture to the batch.</summary>
    /// <param name="episode">Looks, marks, camera and light.</param>
    /// <param name="world">Where the bodies are.</param>
    public void Add(Episode episode, World world)
    {
        if (task is IPictureTask)
        {
            _episodes.Add((episode, world));
            return;
        }

        if (_count == _scenes.Count)
        {
            _scenes.Add(new Scene());
        }

        Drawing.Fill(episode, world, _scenes[_count++]);
    }

    /// <summary>Draws what was added, in that order.</summary>
    public void Draw(in FrameFormat format, in FrameBuffers frames)
    {
        if (task is IPictureTask pictures)
        {
            Compose(pictures, format, frames.Rgb, frames.Drawn);
        }
        else
        {
            renderer.Draw(CollectionsMarshal.AsSpan(_scenes)[.._count], format, frames);
        }
    }

    private unsafe void Compose(IPictureTask pictures, FrameFormat format, Span<byte> rgb, Action<int>? drawn)
    {
        var size = format.BytesOf(Channels.Rgb);
        ArgumentOutOfRangeException.ThrowIfLessThan(rgb.Length, _episodes.Count * size);
        fixed (byte* start = rgb)
        {
            var first = start;
            Parallel.For(0, _episodes.Count, i =>
            {
                pictures.Compose(_episodes[i].Episode, _episodes[i].World, format, renderer,
                    new Span<byte>(first + ((long)i * size), size));
                drawn?.Invoke(i);
            });
        }
    }
}
