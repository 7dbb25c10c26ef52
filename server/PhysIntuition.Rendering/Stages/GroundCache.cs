namespace PhysIntuition.Rendering.Stages;

/// <summary>Keeps the bare tiles of a still camera, so that the scenes that follow copy them.</summary>
/// <remarks>
/// A tile that no block is seen in, shades or darkens depends on the head of the scene's record and its zones alone.
/// The first scene of a view is only noted, the second fills the cache, later ones copy: a camera that moves pays for
/// nothing but the comparison. One for each thread.
/// </remarks>
internal sealed unsafe class GroundCache
{
    private readonly ulong[] _filled = new ulong[SceneRecord.MaxTiles];   // a bit for each column, row by row
    private byte[] _view = [], _nextView = [], _pixels = [];
    private int _viewLength;
    private bool _isStill;

    /// <summary>Takes the next scene; forgets everything unless it is seen exactly like the last.</summary>
    public void Begin(SceneRecord* scene, FrameRecord* frame)
    {
        var length = WriteView(scene);
        _isStill = length == _viewLength && _view.AsSpan(0, length).SequenceEqual(_nextView.AsSpan(0, length));
        if (!_isStill)
        {
            (_view, _nextView, _viewLength) = (_nextView, _view, length);
            _filled.AsSpan().Clear();
        }
        else if (_pixels.Length < frame->Width * frame->Height * 3)
        {
            _pixels = new byte[frame->Width * frame->Height * 3];
        }
    }

    /// <summary>Copies a tile into the frame; false where it is not kept.</summary>
    public bool TryCopy(FrameRecord* frame, int left, int top)
    {
        if (!_isStill || (_filled[top / SceneRecord.Tile] >> (left / SceneRecord.Tile) & 1) == 0)
        {
            return false;
        }

        Move(frame, left, top, isKept: true);
        return true;
    }

    /// <summary>Keeps a tile that was just drawn.</summary>
    public void Keep(FrameRecord* frame, int left, int top)
    {
        if (_isStill)
        {
            Move(frame, left, top, isKept: false);
            _filled[top / SceneRecord.Tile] |= 1ul << (left / SceneRecord.Tile);
        }
    }

    private void Move(FrameRecord* frame, int left, int top, bool isKept)
    {
        var bytes = Math.Min(SceneRecord.Tile, frame->Width - left) * 3;
        var bottom = Math.Min(top + SceneRecord.Tile, frame->Height);
        for (var y = top; y < bottom; y++)
        {
            var place = ((y * frame->Width) + left) * 3;
            Span<byte> drawn = new(frame->Rgb + place, bytes), kept = _pixels.AsSpan(place, bytes);
            (isKept ? kept : drawn).CopyTo(isKept ? drawn : kept);
        }
    }

    // Everything before the masks, without the numbers of blocks and overlays; then the zones.
    private int WriteView(SceneRecord* scene)
    {
        var head = (int)((byte*)&scene->Masks - (byte*)scene);
        var zones = scene->Zones * sizeof(ZoneRecord);
        if (_nextView.Length < head + zones)
        {
            _nextView = new byte[head + zones];
        }

        new Span<byte>(scene, head).CopyTo(_nextView);
        ref var copy = ref MemoryMarshal.AsRef<Counts>(_nextView.AsSpan((int)((byte*)&scene->Blocks - (byte*)scene)));
        copy.Blocks = copy.Overlays = 0;
        new Span<byte>((BlockRecord*)(scene + 1) + scene->Blocks, zones).CopyTo(_nextView.AsSpan(head));
        return head + zones;
    }

    /// <summary>The three numbers as they lie in <see cref="SceneRecord"/>.</summary>
    private struct Counts
    {
        public int Blocks, Zones, Overlays;
    }
}
