using Grpc.Core;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Services;

/// <summary>Runs one call and waits for it; its page stays held until the response is sent.</summary>
internal static class UnaryCall
{
    private static readonly Func<object, Task> s_release = static page =>
    {
        ((Page)page).Release();
        return Task.CompletedTask;
    };

    /// <summary>Runs a call.</summary>
    public static async Task<RunReply> RunAsync(
        EnvironmentCalls calls, SessionStore sessions, ServerCallContext context, RunRequest request)
    {
        using var scope = CallScope.Enter(sessions, context);
        var outcome = new TaskCompletionSource<EnvironmentWork>(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = calls.Begin(scope.Session, request, (done, failure) =>
        {
            if (failure is null)
            {
                outcome.SetResult(done);
            }
            else
            {
                outcome.SetException(failure);
            }
        }, context.CancellationToken);
        calls.Services.Scheduler.RunOrSubmit(work);
        await outcome.Task;

        var reply = new RunReply();
        work.Fill(reply);
        if (work.Page is { } page)
        {
            context.GetHttpContext().Response.OnCompleted(s_release, page);
        }

        return reply;
    }
}
