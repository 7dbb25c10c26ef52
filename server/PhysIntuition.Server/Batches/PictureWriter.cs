using System.Buffers;
using System.Runtime.InteropServices;
using Google.Protobuf;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Batches;

/// <summary>Draws the pictures of one reply, straight into the reply's memory where they go out raw.</summary>
internal static class PictureWriter
{
    private const int RowsAtOnce = 32;   // encoded pictures pass through a buffer of so many

    /// <summary>Writes all picture columns of a plan.</summary>
    /// <param name="batch">Whose slots are drawn.</param>
    /// <param name="plan">What is wanted.</param>
    /// <param name="slots">One for each row.</param>
    /// <param name="moment">Now, or the ends of the finished episodes.</param>
    /// <param name="target">For each picture column, its observation.</param>
    /// <param name="page">Where raw pictures go.</param>
    /// <param name="metrics">Counts pixels.</param>
    public static void Write(
        EnvironmentBatch batch, ObservationPlan plan, ReadOnlySpan<int> slots, Moment moment,
        IReadOnlyDictionary<ObservationKind, Observation> target, Page page, ServerMetrics metrics)
    {
        var start = metrics.Begin();
        if (plan.IsRaw)
        {
            WriteRaw(batch, plan, slots, moment, target, page);
        }
        else
        {
            WriteEncoded(batch, plan, slots, moment, target);
        }

        metrics.Drawn(start, (long)slots.Length * plan.Format.Pixels);
    }

    private static void WriteRaw(
        EnvironmentBatch batch, ObservationPlan plan, ReadOnlySpan<int> slots, Moment moment,
        IReadOnlyDictionary<ObservationKind, Observation> target, Page page)
    {
        var format = plan.Format;
        var rows = slots.Length;
        Span<byte> Reserve(ObservationKind kind, DataType type, params ReadOnlySpan<uint> inner)
        {
            if (!target.TryGetValue(kind, out var observation))
            {
                return default;
            }

            observation.Tensor = new Tensor { Type = type, Shape = { (uint)rows } };
            observation.Tensor.Shape.AddRange(inner.ToArray());
            return page.Reserve(observation.Tensor, rows * (int)plan.BytesPerRow(kind));
        }

        var (height, width) = ((uint)format.Height, (uint)format.Width);
        var frames = new FrameBuffers
        {
            Rgb = Reserve(ObservationKind.Rgb, DataType.Uint8, height, width, 3),
            Depth = MemoryMarshal.Cast<byte, float>(Reserve(ObservationKind.Depth, DataType.Float32, height, width)),
            Segmentation = Reserve(ObservationKind.Segmentation, DataType.Uint8, height, width),
        };
        batch.Render(slots, format, frames, moment);
    }

    private static void WriteEncoded(
        EnvironmentBatch batch, ObservationPlan plan, ReadOnlySpan<int> slots, Moment moment,
        IReadOnlyDictionary<ObservationKind, Observation> target)
    {
        var format = plan.Format;
        var rgb = Rent(target, ObservationKind.Rgb, format.BytesOf(Channels.Rgb));
        var segmentation = Rent(target, ObservationKind.Segmentation, format.BytesOf(Channels.Segmentation));
        try
        {
            for (var first = 0; first < slots.Length; first += RowsAtOnce)
            {
                var rows = slots.Slice(first, Math.Min(RowsAtOnce, slots.Length - first));
                batch.Render(rows, format, new FrameBuffers { Rgb = rgb, Segmentation = segmentation }, moment);
                Encode(target, ObservationKind.Rgb, rgb, rows.Length, plan, PixelFormat.Rgb8);
                Encode(target, ObservationKind.Segmentation, segmentation, rows.Length, plan, PixelFormat.Grey8);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgb);
            ArrayPool<byte>.Shared.Return(segmentation);
        }
    }

    private static byte[] Rent(
        IReadOnlyDictionary<ObservationKind, Observation> target, ObservationKind kind, int bytesPerRow)
    {
        if (!target.TryGetValue(kind, out var observation))
        {
            return [];
        }

        observation.Pictures = new EncodedPictures();
        return ArrayPool<byte>.Shared.Rent(RowsAtOnce * bytesPerRow);
    }

    private static void Encode(
        IReadOnlyDictionary<ObservationKind, Observation> target, ObservationKind kind, byte[] pixels, int rows,
        ObservationPlan plan, PixelFormat pixelFormat)
    {
        if (!target.TryGetValue(kind, out var observation))
        {
            return;
        }

        var (width, height) = (plan.Format.Width, plan.Format.Height);
        var bytes = plan.Format.Pixels * (int)pixelFormat;
        for (var row = 0; row < rows; row++)
        {
            var picture = pixels.AsSpan(row * bytes, bytes);
            var file = plan.Encoding == PictureEncoding.Jpeg
                ? JpegEncoder.Encode(picture, width, height, plan.Quality)
                : PngEncoder.Encode(picture, width, height, pixelFormat);
            observation.Pictures.Files.Add(UnsafeByteOperations.UnsafeWrap(file));
        }
    }
}
