namespace PhysIntuition.Environments.Observations;

/// <summary>Which arrays one reply holds, and their shapes.</summary>
public sealed class ObservationLayout
{
    /// <summary>A layout of observations that are shown in pictures of one size.</summary>
    /// <param name="observations">In the order of the reply, without repetition.</param>
    /// <param name="width">Of pictures, pixels.</param>
    /// <param name="height">Of pictures, pixels.</param>
    /// <param name="samples">Per edge pixel: 1, 4 or 8.</param>
    public ObservationLayout(IReadOnlyList<ObservationSpec> observations, int width, int height, int samples)
    {
        Format = new FrameFormat(
            width, height, observations.Aggregate(Channels.None, (channels, own) => channels | own.Channel), samples);
        Columns = [.. observations.Select(own => new ObservationColumn(own, Format))];
    }

    /// <summary>Nothing.</summary>
    public static ObservationLayout None { get; } = new([], 224, 224, samples: 4);

    /// <summary>One for each observation, in order.</summary>
    public IReadOnlyList<ObservationColumn> Columns { get; }

    /// <summary>Size and channels of the pictures.</summary>
    public FrameFormat Format { get; }

    /// <summary>Whether anything has to be drawn.</summary>
    public bool HasPictures => Format.Channels != Channels.None;

    /// <summary>Whether anything shows bodies, so that outcomes matter.</summary>
    public bool ShowsScene => Columns.Any(static column => column.Spec.ShowsScene);
}

/// <summary>One array of a reply.</summary>
public sealed class ObservationColumn
{
    internal ObservationColumn(ObservationSpec spec, FrameFormat format)
    {
        Spec = spec;
        Shape = [.. spec.Shape.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(axis => axis switch
            {
                "height" => format.Height,
                "width" => format.Width,
                _ => int.Parse(axis, CultureInfo.InvariantCulture),
            })];
        BytesPerRow = Shape.Aggregate(BytesOf(spec.Type), (bytes, axis) => bytes * axis);
    }

    /// <summary>What it is.</summary>
    public ObservationSpec Spec { get; }

    /// <summary>Axes of one row.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Bytes of one row; 0 for text.</summary>
    public int BytesPerRow { get; }

    private static int BytesOf(string type) => type switch
    {
        "uint8" => sizeof(byte),
        "int32" => sizeof(int),
        "uint64" => sizeof(ulong),
        "float32" => sizeof(float),
        _ => 0,
    };
}
