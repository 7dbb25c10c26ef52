using PhysIntuition.Environments.Observations;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Server.Batches;

/// <summary>A checked <see cref="ObservationRequest"/>: what to compute and how to send it.</summary>
internal sealed class ObservationPlan
{
    /// <summary>Bytes for which shared memory has room in each row's text: any info's. Longer texts are sent.</summary>
    public const int UsualText = 256;

    private const int UsualEdge = 224;   // pixels; what vision models take

    private bool _readsShared;

    private ObservationPlan(ObservationLayout layout) => Layout = layout;

    /// <summary>Nothing.</summary>
    public static ObservationPlan None { get; } = new(ObservationLayout.None);

    /// <summary>Which arrays, in the order of the request.</summary>
    public ObservationLayout Layout { get; }

    /// <summary>How pictures are sent.</summary>
    public PictureEncoding Encoding { get; private init; }

    /// <summary>JPEG quality, 1 to 100.</summary>
    public int Quality { get; private init; }

    /// <summary>What is shown of ended episodes.</summary>
    public TerminalView Outcome { get; private init; }

    /// <summary>Which turns of a chat are shown.</summary>
    public ChatHistory History { get; private init; }

    /// <summary>Whether the texts of all rows are sent as one.</summary>
    public bool PacksTexts { get; private init; }

    /// <summary>Whether they may lie in shared memory: beside tensors alone, so that whoever sees none needs
    /// none.</summary>
    public bool SharesTexts => PacksTexts && _readsShared && TensorBytesPerRow > 0;

    /// <summary>Whether outcomes may have to be simulated before this can be shown.</summary>
    public bool ShowsScene => Layout.ShowsScene;

    /// <summary>Whether pictures are sent as they are drawn.</summary>
    public bool IsRaw => Encoding == PictureEncoding.Raw;

    /// <summary>Bytes of one row's tensors, text and encoded files aside.</summary>
    public long TensorBytesPerRow =>
        Layout.Columns.Sum(column => column.Spec.IsPicture && !IsRaw ? 0L : column.BytesPerRow);

    /// <summary>Bytes of one row's texts for which there is room beside its tensors in shared memory.</summary>
    public long SharedTextBytesPerRow => SharesTexts
        ? UsualText * Layout.Columns.Count(static column => column.Spec.IsText) : 0;

    /// <summary>Checks a request.</summary>
    /// <param name="request">What the caller wants; null: nothing.</param>
    /// <param name="task">What is offered.</param>
    /// <param name="isWithheld">Whether privileged observations are refused.</param>
    /// <param name="outcome">What is shown of ended episodes.</param>
    /// <param name="limits">The largest picture.</param>
    public static ObservationPlan From(
        ObservationRequest? request, TaskSpec task, bool isWithheld, TerminalView outcome, LimitOptions limits)
    {
        if (request is null || request.Names.Count == 0)
        {
            return None;
        }

        var wanted = new List<ObservationSpec>(request.Names.Count);
        foreach (var name in request.Names)
        {
            wanted.Add(Find(name, task, isWithheld, wanted));
        }

        var layout = new ObservationLayout(
            wanted, Edge("observe.width", request.Width, limits), Edge("observe.height", request.Height, limits),
            Samples(request.Samples));
        return new ObservationPlan(layout)
        {
            Encoding = EncodingOf(request.Encoding, layout.Format.Channels),
            Quality = QualityOf(request.Quality),
            Outcome = outcome,
            History = HistoryOf(request.History, layout),
            PacksTexts = request.PackedTexts,
            _readsShared = request.SharedTexts,
        };
    }

    private static ObservationSpec Find(string name, TaskSpec task, bool isWithheld, List<ObservationSpec> before)
    {
        if (ObservationSpec.Find(task, name) is not { } spec)
        {
            string[] known = [.. ObservationSpec.Of(task).Select(own => own.Name)];
            Throw.OutOfRange("observe.names", name, $"{task.Id} offers {string.Join(", ", known)}",
                "Ask for one of these." + KnownNames.Hint(name, known));
            return null!;
        }

        if (before.Contains(spec))
        {
            Throw.OutOfRange("observe.names", name, "it may be named once", "Leave the repetition out.");
        }

        if (isWithheld && spec.IsPrivileged)
        {
            Throw.NotAllowed("observe.names", "WITHHELD",
                $"'{name}' is withheld on this split. Use train, val or test, or leave it out.");
        }

        return spec;
    }

    private static int Edge(string field, uint asked, LimitOptions limits)
    {
        if (asked == 0)
        {
            return UsualEdge;
        }

        if (asked < 16 || asked > limits.MaxPictureEdge)
        {
            Throw.OutOfRange(field, asked, $"must be in [16, {limits.MaxPictureEdge}] pixels, or 0 for {UsualEdge}",
                $"Ask for less, or raise {LimitOptions.Section}:{nameof(limits.MaxPictureEdge)}.");
        }

        return (int)asked;
    }

    private static int Samples(uint samples)
    {
        if (samples is not (0 or 1 or 4 or 8))
        {
            Throw.OutOfRange("observe.samples", samples, "must be 1, 4 or 8, or 0 for 4", "Choose one of these.");
        }

        return samples == 0 ? 4 : (int)samples;
    }

    private static PictureEncoding EncodingOf(PictureEncoding encoding, Channels channels)
    {
        switch (encoding)
        {
            case PictureEncoding.Unspecified or PictureEncoding.Raw:
                return PictureEncoding.Raw;
            case PictureEncoding.Png when (channels & Channels.Depth) == 0:
                return encoding;
            case PictureEncoding.Png:
                Throw.OutOfRange("observe.encoding", encoding, "depth has no PNG form", "Ask for depth raw.");
                return default;
            case PictureEncoding.Jpeg when (channels & ~Channels.Rgb) == 0:
                return encoding;
            case PictureEncoding.Jpeg:
                Throw.OutOfRange("observe.encoding", encoding, "only rgb has a JPEG form", "Ask for the others raw.");
                return default;
            default:
                Throw.OutOfRange("observe.encoding", encoding, "this server offers RAW, PNG and JPEG", "Choose one.");
                return default;
        }
    }

    private static ChatHistory HistoryOf(string history, ObservationLayout layout)
    {
        if (!ChatHistory.TryParse(history, out var read))
        {
            Throw.OutOfRange("observe.history", history, ChatHistory.Rule, "Send one of these, or nothing for new.");
        }

        return layout.Columns.Any(static column => column.Spec.Kind == ObservationKind.Messages)
            ? read.Value : ChatHistory.New;
    }

    private static int QualityOf(uint quality)
    {
        if (quality > 100)
        {
            Throw.OutOfRange("observe.quality", quality, "must be in [1, 100], or 0 for 90", "Choose less.");
        }

        return quality == 0 ? 90 : (int)quality;
    }
}
