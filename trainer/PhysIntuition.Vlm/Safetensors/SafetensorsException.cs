namespace PhysIntuition.Vlm.Safetensors;

/// <summary>What is wrong with a file of weights.</summary>
public enum SafetensorsError
{
    /// <summary>The file ends before its header or its data do.</summary>
    Truncated,

    /// <summary>The header's length is impossible or above the limit.</summary>
    HeaderLength,

    /// <summary>The header is not the JSON object that the format asks for.</summary>
    HeaderSyntax,

    /// <summary>The header names an element type that the format does not have.</summary>
    UnknownType,

    /// <summary>A tensor's shape has a negative or overflowing extent.</summary>
    Shape,

    /// <summary>A tensor's bytes do not match its shape and element type.</summary>
    Size,

    /// <summary>Two tensors share bytes, or bytes lie unused between them.</summary>
    Layout,

    /// <summary>A tensor that was asked for, or that an index names, is not there.</summary>
    MissingTensor,

    /// <summary>The same tensor name occurs twice.</summary>
    DuplicateTensor,

    /// <summary>The element type cannot be read as what was asked for.</summary>
    Conversion,

    /// <summary>The index of a sharded checkpoint is not usable.</summary>
    Index,
}

/// <summary>A file of weights that breaks the safetensors format, or is asked for what it lacks.</summary>
/// <param name="error">What kind of fault this is.</param>
/// <param name="path">The file at fault.</param>
/// <param name="message">Tensor, value, rule and remedy; the path is put in front.</param>
public sealed class SafetensorsException(SafetensorsError error, string path, string message)
    : IOException($"{path}: {message}")
{
    /// <summary>What kind of fault this is.</summary>
    public SafetensorsError Error { get; } = error;

    /// <summary>The file at fault.</summary>
    public string Path { get; } = path;
}
