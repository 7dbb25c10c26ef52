using System.Globalization;

namespace PhysIntuition.Vlm.Chat;

/// <summary>The times that Qwen3-VL writes before a video's temporal patches.</summary>
public static class VideoTimes
{
    /// <summary>The mean of the first and last frame's time of every temporal patch.</summary>
    /// <param name="times">Seconds, one per frame; the last one fills an incomplete patch.</param>
    /// <param name="frames">Number of frames.</param>
    /// <param name="patchFrames">Frames in one temporal patch.</param>
    public static IReadOnlyList<double> OfPatches(IReadOnlyList<double>? times, int frames, int patchFrames)
    {
        if (times is null || times.Count != frames)
        {
            throw new ArgumentException($"A video has {frames} frames and {times?.Count ?? 0} times; must be equal.");
        }

        var patches = (frames + patchFrames - 1) / patchFrames;
        return [.. Enumerable.Range(0, patches).Select(patch =>
        {
            var first = times[patch * patchFrames];
            var last = times[Math.Min((patch * patchFrames) + patchFrames, frames) - 1];
            return (first + last) / 2;
        })];
    }

    /// <summary>One decimal; the only exact ties, quarters, go to the even digit as Python's formatting does.</summary>
    public static string Format(double seconds)
    {
        var quarters = seconds * 4;
        var isTie = quarters == Math.Floor(quarters) && quarters % 2 != 0;
        var rounded = isTie ? Math.Floor(seconds) + (seconds - Math.Floor(seconds) < 0.5 ? 0.2 : 0.8) : seconds;
        return rounded.ToString("F1", CultureInfo.InvariantCulture);
    }
}
