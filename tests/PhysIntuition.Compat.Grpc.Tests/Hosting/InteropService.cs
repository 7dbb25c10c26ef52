using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>The interop service; mirrors metadata that starts with x- into headers and trailers.</summary>
/// <remarks>An echo of "after TEXT" answers once the wait of another call with that text has begun.</remarks>
public sealed class InteropService(CallLog log) : Interop.InteropBase
{
    private const StringComparison s_ordinal = StringComparison.Ordinal;
    private const string After = "after ";

    public override async Task<Reply> Echo(Ask request, ServerCallContext context)
    {
        await Begin(context);
        if (request.Text.StartsWith(After, s_ordinal))
        {
            await log.WhenStarted(request.Text[After.Length..]);
        }

        await Wait(request, context);
        ThrowIfAsked(request);
        return Answer(request, 0, 1);
    }

    public override async Task Repeat(Ask request, IServerStreamWriter<Reply> responseStream, ServerCallContext context)
    {
        await Begin(context);
        try
        {
            for (var index = 0; index < request.Count; index++)
            {
                await Wait(request, context);
                await responseStream.WriteAsync(Answer(request, index, 1));
            }
        }
        finally
        {
            log.Ended(request.Text);
        }

        ThrowIfAsked(request);
    }

    public override async Task<Reply> Sum(IAsyncStreamReader<Ask> requestStream, ServerCallContext context)
    {
        await Begin(context);
        var reply = new Reply();
        await foreach (var request in requestStream.ReadAllAsync())
        {
            ThrowIfAsked(request);
            reply.Count++;
            reply.Number += request.Number;
        }

        return reply;
    }

    public override async Task Chat(
        IAsyncStreamReader<Ask> requestStream, IServerStreamWriter<Reply> responseStream, ServerCallContext context)
    {
        await Begin(context);
        var count = 0;
        await foreach (var request in requestStream.ReadAllAsync())
        {
            await Wait(request, context);
            ThrowIfAsked(request);
            await responseStream.WriteAsync(Answer(request, request.Number, ++count));
        }
    }

    private static void ThrowIfAsked(Ask request)
    {
        if (request.Status != 0)
        {
            throw new RpcException(
                new Status((StatusCode)request.Status, request.Detail), new Metadata { { "x-thrown", "yes" } });
        }
    }

    private static Reply Answer(Ask request, long number, int count) => new()
    {
        Body = request.Size > 0 ? UnsafeByteOperations.UnsafeWrap(new byte[request.Size]) : request.Body,
        Text = request.Text,
        Number = number,
        Count = count,
    };

    private async Task Wait(Ask request, ServerCallContext context)
    {
        if (request.Delay <= 0)
        {
            return;
        }

        log.Started(request.Text);
        try
        {
            await Task.Delay(request.Delay, context.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            log.Cancelled(request.Text);
            throw;
        }
    }

    private static async Task Begin(ServerCallContext context)
    {
        var headers = new Metadata();
        foreach (var entry in context.RequestHeaders.Where(header => header.Key.StartsWith("x-", s_ordinal)))
        {
            headers.Add(entry);
            context.ResponseTrailers.Add(entry);
        }

        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }
    }
}
