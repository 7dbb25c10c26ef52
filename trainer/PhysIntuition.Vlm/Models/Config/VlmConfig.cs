namespace PhysIntuition.Vlm.Models;

/// <summary>Everything that fixes a model's shape, as config.json gives it.</summary>
public sealed record VlmConfig
{
    /// <summary>Which family's layers are built.</summary>
    public required VlmFamily Family { get; init; }

    /// <summary>The decoder.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>The vision tower.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary>The token that stands for one merged cell of a picture.</summary>
    public int ImageTokenId { get; init; } = 151655;

    /// <summary>The token that stands for one merged cell of a video.</summary>
    public int VideoTokenId { get; init; } = 151656;

    /// <summary>Whether the output head is the embedding itself.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Reads config.json of a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidDataException">A field is missing or wrong; the message names it.</exception>
    public static VlmConfig Load(string folder) => VlmConfigReader.Read(Path.Combine(folder, "config.json"));
}
