using System.Buffers;
using System.Runtime.InteropServices;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Server.Batches;

/// <summary>Draws the pictures of one reply, straight into the reply's memory where they go out raw.</summary>
/// <param name="batch">Whose slots are drawn.</param>
/// <param name="metrics">Counts pixels.</param>
internal sealed class PictureWriter(EnvironmentBatch batch, ServerMetrics metrics)
{
    private const int RowsAtOnce = 32;   // encoded pictures pass through a buffer of so many

    /// <summary>Writes all picture columns of a plan.</summary>
    /// <param name="plan">What is wanted.</param>
    /// <param name="slots">One for each row.</param>
    /// <param name="time">Which episodes.</param>
    /// <param name="target">For each picture column, its observation.</param>
    /// <param name="page">Where raw pictures go.</param>
    public void Write(
        ObservationPlan plan, ReadOnlySpan<int> slots, ObservationTime time,
        IReadOnlyDictionary<ObservationKind, (ObservationColumn Column, Observation Observation)> target,
            ReplyBuffer page)
    {
        var start = metrics.Begin();
        if (plan.IsRaw)
        {
            var rows = slots.Length;
            var frames = new FrameBuffers
            {
                Rgb = Reserve(ObservationKind.Rgb, rows, target, page),
                Depth = MemoryMarshal.Cast<byte, float>(Reserve(ObservationKind.Depth, rows, target, page)),
                Segmentation = Reserve(ObservationKind.Segmentation, rows, target, page),
            };
            batch.View.Render(slots, plan.Layout.Format, frames, time, plan.Outcome);
        }
        else
        {
            WriteEncoded(plan, slots, time, target);
        }

        metrics.Drawn(start, (long)slots.Length * plan.Layout.Format.Pixels);
    }

    private static Span<byte> Reserve(
        ObservationKind kind, int rows,
        IReadOnlyDictionary<ObservationKind, (ObservationColumn Column, Observation Observation)> target,
            ReplyBuffer page)
    {
        if (!target.TryGetValue(kind, out var wanted))
        {
            return default;
        }

        wanted.Observation.Tensor = ObservationWire.ToTensor(wanted.Column, rows);
        return page.Reserve(wanted.Observation.Tensor, rows * wanted.Column.BytesPerRow);
    }

    private void WriteEncoded(
        ObservationPlan plan, ReadOnlySpan<int> slots, ObservationTime time,
        IReadOnlyDictionary<ObservationKind, (ObservationColumn Column, Observation Observation)> target)
    {
        var rgb = Rent(target, ObservationKind.Rgb);
        var segmentation = Rent(target, ObservationKind.Segmentation);
        try
        {
            for (var first = 0; first < slots.Length; first += RowsAtOnce)
            {
                var rows = slots.Slice(first, Math.Min(RowsAtOnce, slots.Length - first));
                var (colours, masks) = (new byte[rows.Length][], new byte[rows.Length][]);
                batch.View.Render(rows, plan.Layout.Format, new FrameBuffers
                {
                    Rgb = rgb,
                    Segmentation = segmentation,
                    Drawn = row =>
                    {
                        colours[row] = Encode(rgb, row, plan, PixelFormat.Rgb8);
                        masks[row] = Encode(segmentation, row, plan, PixelFormat.Grey8);
                    },
                }, time, plan.Outcome);
                Add(target, ObservationKind.Rgb, colours);
                Add(target, ObservationKind.Segmentation, masks);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgb);
            ArrayPool<byte>.Shared.Return(segmentation);
        }
    }

    private static byte[] Rent(
        IReadOnlyDictionary<ObservationKind, (ObservationColumn Column, Observation Observation)> target,
        ObservationKind kind)
    {
        if (!target.TryGetValue(kind, out var wanted))
        {
            return [];
        }

        wanted.Observation.Pictures = new EncodedPictures();
        return ArrayPool<byte>.Shared.Rent(RowsAtOnce * wanted.Column.BytesPerRow);
    }

    // A file is a pure function of its pixels, so whoever has drawn them may encode them.
    private static byte[] Encode(byte[] pixels, int row, ObservationPlan plan, PixelFormat format)
    {
        if (pixels.Length == 0)
        {
            return [];
        }

        var (width, height) = (plan.Layout.Format.Width, plan.Layout.Format.Height);
        var size = width * height * (int)format;
        var picture = pixels.AsSpan(row * size, size);
        return plan.Encoding == PictureEncoding.Jpeg
            ? JpegEncoder.Encode(picture, width, height, plan.Quality)
            : PngEncoder.Encode(picture, width, height, format);
    }

    private static void Add(
        IReadOnlyDictionary<ObservationKind, (ObservationColumn Column, Observation Observation)> target,
        ObservationKind kind, byte[][] files)
    {
        if (target.TryGetValue(kind, out var wanted))
        {
            wanted.Observation.Pictures.Files.AddRange(files.Select(file => UnsafeByteOperations.UnsafeWrap(file)));
        }
    }
}
