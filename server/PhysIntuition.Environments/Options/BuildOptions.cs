namespace PhysIntuition.Environments.Options;

/// <summary>What is to be built.</summary>
public enum Structure
{
    /// <summary>One of the others that has the number of blocks, in equal shares.</summary>
    Any,

    /// <summary>A column; from 2 blocks on.</summary>
    Tower,

    /// <summary>Rows of equal blocks with gaps; from 3 blocks on.</summary>
    Pyramid,

    /// <summary>Two posts with a lintel, another arch on top where there are blocks for it; from 3 blocks on.</summary>
    Arch,

    /// <summary>A beam on a foot, with a load that tips it unless a counterweight lies there first; from 4 blocks
    /// on.</summary>
    Overhang,
}

/// <summary>What <see cref="Tasks.Build"/> lets its user choose.</summary>
public sealed record BuildOptions : TaskOptions
{
    /// <summary>Seen nearly from the front, with little perspective: places are read off the picture.</summary>
    public BuildOptions() => Camera = new CameraOptions
    {
        Elevation = new(5, 8), Azimuth = new(-2, 2), FieldOfView = NumberRange.At(20), Distance = NumberRange.At(1),
    };

    /// <summary>What is to be built.</summary>
    public Structure Structure { get; init; }

    /// <summary>Blocks of the structure, in [2, 8]; every number in the range that the kind can have is equally
    /// frequent.</summary>
    [Within(2, 8)]
    public Between Blocks { get; init; } = new(2, 6);

    /// <summary>The 40 structures that are the same for everybody and grow more difficult: seed s gives the structure
    /// s modulo 40, and the other two options mean nothing.</summary>
    public bool Fixed { get; init; }

    internal override IEnumerable<OptionFault> Check()
    {
        foreach (var fault in base.Check())
        {
            yield return fault;
        }

        var least = Staging.Structures.LeastOf(Structure);
        if (Blocks.Max < least)
        {
            yield return new("blocks.max", $"'blocks.max' is {Blocks.Max}; a structure of the kind "
                + $"'{Structure.ToString().ToLowerInvariant()}' has at least {least} blocks.");
        }
    }
}
