using System.Globalization;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

internal sealed partial class HttpServerCallContext
{
    private const int Http2InternalError = 2;
    private const int Http2Cancel = 8;

    private bool _hasEnded;
    private bool _hasExpired;
    private int _flushing;
    private TaskCompletionSource? _expiry;

    /// <summary>Whether headers or a message went out, so that the status travels in trailers.</summary>
    internal bool HasWritten { get; set; }

    /// <summary>Whether a message broke off in the middle, so that the stream cannot go on.</summary>
    internal bool IsTorn { get; set; }

    internal bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>Ends the call with the status that the service chose.</summary>
    internal void End() => End(_status);

    /// <summary>Ends the call with the status that an exception stands for.</summary>
    internal void Fail(Exception fault)
    {
        if (!HasEnded)
        {
            End(ServerFaultStatus.From(fault, this, logger));
        }
    }

    /// <summary>Releases the timer and the registrations of the call.</summary>
    /// <remarks>Waits for an expiry under way: Kestrel gives the HTTP context to another call after this.</remarks>
    internal async ValueTask Close()
    {
        _deadline?.Dispose();
        Task? expiry;
        lock (Gate)
        {
            expiry = _expiry?.Task;
        }

        if (expiry is not null)
        {
            await expiry.ConfigureAwait(false);
        }

        _abortRegistration.Dispose();
        _cancellation?.Dispose();
    }

    /// <summary>Ends the call because its deadline passed, though the service still runs.</summary>
    internal void Expire()
    {
        lock (Gate)
        {
            if (_hasEnded)
            {
                return;
            }

            _hasExpired = true;
            _expiry = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            WriteStatus(new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"), null);
        }

        Log.Expired(logger, method.FullName);
        _ = FinishExpired();
    }

    /// <summary>The fault that a read or write of an ended call throws.</summary>
    internal RpcException EndedFault() => new(_hasExpired
        ? new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded")
        : new Status(StatusCode.Cancelled, "The call was cancelled."));

    /// <summary>Adds trailers that an exception carries.</summary>
    internal void AddTrailers(Metadata trailers)
    {
        // A service may throw with the very trailers of its context.
        if (ReferenceEquals(trailers, _responseTrailers))
        {
            return;
        }

        foreach (var entry in trailers)
        {
            ResponseTrailersCore.Add(entry);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask Flush()
    {
        Interlocked.Increment(ref _flushing);
        try
        {
            var flushed = await httpContext.Response.BodyWriter.FlushAsync().ConfigureAwait(false);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                throw EndedFault();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _flushing);
        }
    }

    private void End(Status status)
    {
        lock (Gate)
        {
            if (_hasEnded)
            {
                return;
            }

            if (IsTorn)
            {
                _hasEnded = true;
                Reset(Http2InternalError);
                return;
            }

            WriteStatus(status, _responseTrailers);
        }
    }

    private async Task FinishExpired()
    {
        try
        {
            PendingRead.Cancel(httpContext.Request.BodyReader);
            var isStuck = Volatile.Read(ref _flushing) != 0;
            _cancellation?.Cancel();
            if (isStuck)
            {
                // The caller does not read: trailers would wait behind its closed window.
                Reset(Http2Cancel);
            }
            else
            {
                await httpContext.Response.CompleteAsync().ConfigureAwait(false);
            }
        }
        catch (Exception fault)
        {
            Log.ExpiryFailed(logger, fault, method.FullName);
        }
        finally
        {
            _expiry!.SetResult();
        }
    }

    private void WriteStatus(Status status, Metadata? trailers)
    {
        _hasEnded = true;
        var target = HasWritten
            ? httpContext.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
            : httpContext.Response.Headers;
        if (target is null or { IsReadOnly: true })
        {
            return;
        }

        try
        {
            WriteStatus(target, TryAddTrailers(target, trailers) ?? status);
        }
        catch (InvalidOperationException fault)
        {
            // The caller went away this very moment and Kestrel closed the response.
            Log.StatusNotSent(logger, fault, method.FullName);
        }
    }

    private static void WriteStatus(IHeaderDictionary target, Status status)
    {
        target[HeaderNames.Status] = ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0)
        {
            target[HeaderNames.Message] = StatusMessage.Encode(status.Detail);
        }
    }

    private static Status? TryAddTrailers(IHeaderDictionary target, Metadata? trailers)
    {
        try
        {
            foreach (var entry in trailers ?? Metadata.Empty)
            {
                if (!MetadataHeaders.IsReserved(entry.Key))
                {
                    AddHeader(target, entry);
                }
            }

            return null;
        }
        catch (RpcException fault)
        {
            return fault.Status;
        }
    }

    private void Reset(int errorCode)
    {
        if (httpContext.Features.Get<IHttpResetFeature>() is { } reset)
        {
            reset.Reset(errorCode);
        }
        else
        {
            httpContext.Abort();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Deadline of {Method} passed before the service returned.")]
        internal static partial void Expired(ILogger logger, string method);

        [LoggerMessage(2, LogLevel.Debug, "Response of {Method} could not be completed after its deadline.")]
        internal static partial void ExpiryFailed(ILogger logger, Exception fault, string method);

        [LoggerMessage(3, LogLevel.Debug, "Status of {Method} could not be sent: the response was closed.")]
        internal static partial void StatusNotSent(ILogger logger, Exception fault, string method);
    }
}
