using System.IO.MemoryMappedFiles;

namespace PhysIntuition.Vlm.Safetensors;

/// <summary>One memory-mapped safetensors file: pages are read when a tensor is, and are shared by processes.</summary>
/// <remarks>Dispose it last: views of it point into the mapping.</remarks>
public sealed unsafe class SafetensorsFile : ITensorSource, IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _accessor;
    private readonly Dictionary<string, TensorInfo> _byName;
    private readonly long _dataStart;
    private byte* _start;
    private bool _isDisposed;

    /// <summary>Maps the file and checks its whole header.</summary>
    /// <param name="path">The .safetensors file.</param>
    /// <exception cref="SafetensorsException">The file breaks the format; the message names the tensor.</exception>
    public SafetensorsFile(string path)
    {
        Path = path;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var header = SafetensorsHeader.Read(stream, path);
        Tensors = header.Tensors;
        Metadata = header.Metadata;
        _dataStart = header.DataStart;
        _byName = header.Tensors.ToDictionary(tensor => tensor.Name);
        _map = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _accessor = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Every tensor, in the order of the bytes.</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>The header's free text, for example {"format": "pt"}.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Names => Tensors.Select(tensor => tensor.Name);

    /// <inheritdoc/>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <inheritdoc/>
    public TensorView Get(string name)
    {
        if (_byName.TryGetValue(name, out var info))
        {
            return new TensorView(this, info);
        }

        throw new SafetensorsException(SafetensorsError.MissingTensor, Path,
            $"tensor '{name}' is not among the {Tensors.Count} in this file.");
    }

    /// <summary>Where a tensor's first byte is mapped.</summary>
    internal nint AddressOf(TensorInfo tensor)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return (nint)(_start + _dataStart + tensor.Begin);
    }

    /// <summary>Unmaps the file; every view of it becomes invalid.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _accessor?.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor?.Dispose();
        _map?.Dispose();
    }
}
