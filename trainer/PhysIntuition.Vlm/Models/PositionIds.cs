using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Vlm.Models;

/// <summary>Time, row, and column of every token: text counts up, pictures spread over rows and columns.</summary>
internal sealed class PositionIds
{
    private readonly VlmConfig _config;
    private readonly VlmSequence _sequence;
    private int _image;
    private int _video;
    private int _videoFrame;
    private int _next;

    private PositionIds(VlmConfig config, VlmSequence sequence)
    {
        _config = config;
        _sequence = sequence;
        var count = sequence.TokenIds.Count;
        Time = new int[count];
        Row = new int[count];
        Column = new int[count];
    }

    internal int[] Time { get; }

    internal int[] Row { get; }

    internal int[] Column { get; }

    /// <summary>The position of the token that would come next.</summary>
    internal int Next => _next;

    /// <summary>Positions of one sequence without padding.</summary>
    /// <exception cref="ArgumentException">Picture tokens and grids do not agree.</exception>
    internal static PositionIds Of(VlmConfig config, VlmSequence sequence)
    {
        var positions = new PositionIds(config, sequence);
        positions.Walk();
        return positions;
    }

    private void Walk()
    {
        var ids = _sequence.TokenIds;
        for (var at = 0; at < ids.Count;)
        {
            at += ids[at] == _config.ImageTokenId ? PlaceImage(at)
                : ids[at] == _config.VideoTokenId ? PlaceVideo(at)
                : PlaceText(at);
        }

        CheckUsedUp("image", _image, _sequence.Images.Count);
        CheckUsedUp("video", _video, _sequence.Videos.Count);
    }

    private int PlaceText(int at)
    {
        Time[at] = Row[at] = Column[at] = _next++;
        return 1;
    }

    private int PlaceImage(int at)
    {
        if (_image == _sequence.Images.Count)
        {
            throw new ArgumentException(
                $"Token {at} begins picture {_image + 1}, but the sequence has {_sequence.Images.Count} grids.");
        }

        return PlaceBlock(at, _sequence.Images[_image++], _config.ImageTokenId, secondsPerGrid: 0);
    }

    private int PlaceVideo(int at)
    {
        if (_video == _sequence.Videos.Count)
        {
            throw new ArgumentException(
                $"Token {at} begins video {_video + 1}, but the sequence has {_sequence.Videos.Count} grids.");
        }

        var grid = _sequence.Videos[_video];
        if (_config.Family == VlmFamily.Qwen25Vl)
        {
            return PlaceBlock(at, grid, _config.VideoTokenId, _sequence.SecondsPerGrid?[_video++] ?? Second());
        }

        // Qwen3-VL writes the time of every temporal patch as text, so each is a block of its own.
        if (++_videoFrame == grid.Time)
        {
            _video++;
            _videoFrame = 0;
        }

        return PlaceBlock(at, grid with { Time = 1 }, _config.VideoTokenId, secondsPerGrid: 0);

        double Second()
        {
            _video++;
            return 1;
        }
    }

    private int PlaceBlock(int at, PatchGrid grid, int token, double secondsPerGrid)
    {
        var merge = _config.Vision.SpatialMergeSize;
        var (height, width) = (grid.Height / merge, grid.Width / merge);
        var count = grid.Tokens(merge);
        CheckRun(at, count, token, grid);
        var last = _next;
        for (var i = 0; i < count; i++)
        {
            var frame = i / (height * width);
            Time[at + i] = _next + (int)(frame * secondsPerGrid * _config.Vision.TokensPerSecond);
            Row[at + i] = _next + (i / width % height);
            Column[at + i] = _next + (i % width);
            last = Math.Max(last, Math.Max(Time[at + i], Math.Max(Row[at + i], Column[at + i])));
        }

        _next = last + 1;
        return count;
    }

    private void CheckRun(int at, int count, int token, PatchGrid grid)
    {
        for (var i = 0; i < count; i++)
        {
            if (at + i >= _sequence.TokenIds.Count || _sequence.TokenIds[at + i] != token)
            {
                throw new ArgumentException(
                    $"{grid} needs {count} tokens {token} from token {at} on; found {i}. "
                    + "Write one picture token per merged cell.");
            }
        }
    }

    private static void CheckUsedUp(string kind, int used, int given)
    {
        if (used != given)
        {
            throw new ArgumentException($"The sequence has {given} {kind} grids, but tokens for {used}.");
        }
    }
}
