using System.IO.Pipelines;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Wakes whoever waits for the next bytes of a request.</summary>
internal static class PendingRead
{
    /// <summary>Ends a pending read; does nothing where the connection is gone already.</summary>
    internal static void Cancel(PipeReader body)
    {
        try
        {
            body.CancelPendingRead();
        }
        catch (IOException)
        {
            // The read learns it by itself.
        }
    }
}
