namespace PhysIntuition.Server.Services;

/// <summary>Streams episodes as rows: while one chunk is sent, the next is made.</summary>
internal sealed class DatasetStream
{
    private const int UsualRows = 64;
    private const int MostRows = 1024;

    private readonly EnvironmentServices _services;
    private readonly StreamDatasetRequest _request;
    private readonly HostedEnvironment _environment;
    private readonly CancellationToken _cancellation;
    private readonly int _rows;
    private readonly int _count;

    /// <summary>Checks a request.</summary>
    /// <param name="services">What environments share.</param>
    /// <param name="share">Whose share it takes from.</param>
    /// <param name="request">As it came.</param>
    /// <param name="cancellation">Fires when nobody reads any more.</param>
    public DatasetStream(
        EnvironmentServices services, WorkShare share, StreamDatasetRequest request, CancellationToken cancellation)
    {
        (_services, _request, _cancellation) = (services, request, cancellation);
        var limits = services.Quota.Limits;
        _count = CountOf(request, limits);
        _rows = Math.Min(_count, RowsOf(request.ChunkRows));
        var plan = EnvironmentPlan.From(new CreateRequest
        {
            Task = request.Task,
            Split = request.Split,
            Slots = (uint)_rows,
            OptionsJson = request.OptionsJson,
            Autoreset = V1.AutoresetMode.Disabled,
            Observe = request.Observe,
        }, limits);
        HostedEnvironment.CheckReplyBytes(plan.Observe, plan.Slots, shared: null, limits);
        _environment = new HostedEnvironment(number: 1, plan, share, shared: null, services);
    }

    /// <summary>Slots that it occupies while it runs.</summary>
    public int Slots => _rows;

    /// <summary>Sends all rows in order.</summary>
    /// <param name="send">Sends one chunk, whose memory is another's once it returns.</param>
    public async Task RunAsync(Func<DatasetChunk, Task> send)
    {
        var next = MakeAsync(0);
        for (var first = 0; first < _count; first += _rows)
        {
            using var reset = await next;
            next = first + _rows < _count ? MakeAsync(first + _rows) : next;
            var chunk = new DatasetChunk { FirstRow = (ulong)first };
            chunk.Seeds.AddRange(Seeds(first));
            chunk.Columns.Add(reset.Message.Observations);
            await send(chunk);
        }
    }

    private Task<Held<ResetReply>> MakeAsync(int first)
    {
        var reset = new ResetRequest { Environment = 1 };
        reset.Seeds.AddRange(Seeds(first));
        if (reset.Seeds.Count < _rows)
        {
            var mask = new byte[_rows];
            mask.AsSpan(0, reset.Seeds.Count).Fill(1);
            reset.Mask = UnsafeByteOperations.UnsafeWrap(mask);
        }

        var work = new ResetWork(
            _environment, reset, _services.Metrics, new CallContext { Cancellation = _cancellation });
        _services.Scheduler.Submit(work);
        return work.Reply;
    }

    private IEnumerable<ulong> Seeds(int first)
    {
        for (var row = first; row < Math.Min(first + _rows, _count); row++)
        {
            yield return _request.Seeds.Count > 0 ? _request.Seeds[row] : unchecked(_request.FirstSeed + (ulong)row);
        }
    }

    private static int CountOf(StreamDatasetRequest request, LimitOptions limits)
    {
        var count = request.Seeds.Count > 0 ? (uint)request.Seeds.Count : request.Count;
        if (request.Seeds.Count > 0 && request.Count != 0)
        {
            Throw.OutOfRange("count", request.Count, "must be 0 beside 'seeds'", "Send one of the two.");
        }

        if (count == 0 || count > limits.MaxDatasetRows)
        {
            Throw.OutOfRange("count", count, $"must be in [1, {limits.MaxDatasetRows}]",
                $"Ask for several ranges, or raise {LimitOptions.Section}:{nameof(limits.MaxDatasetRows)}.");
        }

        return (int)count;
    }

    private static int RowsOf(uint rows)
    {
        if (rows > MostRows)
        {
            Throw.OutOfRange("chunk_rows", rows, $"must be in [1, {MostRows}], or 0 for {UsualRows}", "Choose less.");
        }

        return rows == 0 ? UsualRows : (int)rows;
    }
}
