using System.Diagnostics;

namespace PhysIntuition.Server.Scheduling;

/// <summary>Spans of calls and of their stages; made only while somebody listens.</summary>
internal static class Tracing
{
    /// <summary>Name of the source.</summary>
    public const string SourceName = "PhysIntuition.Server";

    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>A call enters the queue; its span hangs below the request's.</summary>
    public static void Begin(Work work)
    {
        if (work.Submitted != 0)
        {
            return;
        }

        work.Submitted = Stopwatch.GetTimestamp();
        if (s_source.HasListeners())
        {
            var request = Activity.Current;
            work.Span = s_source.StartActivity(work.Name);
            Activity.Current = request;
            work.Span?.SetTag("physintuition.slots", work.Weight);
        }
    }

    /// <summary>A call is answered; its stages lie between these stamps.</summary>
    public static void End(Work work, long begun, long simulating, long finishing, long end)
    {
        if (work.Span is { } span)
        {
            Stage(span, "queue", work.Submitted, begun, end);
            Stage(span, "begin", begun, simulating, end);
            Stage(span, "simulate", simulating, finishing, end);
            Stage(span, "finish", finishing, end, end);
            span.Stop();
        }
    }

    private static void Stage(Activity span, string name, long from, long to, long end)
    {
        var now = DateTime.UtcNow;
        using var stage = s_source.CreateActivity(name, ActivityKind.Internal, span.Context);
        stage?.SetStartTime(now - Stopwatch.GetElapsedTime(from, end));
        stage?.Start();
        stage?.SetEndTime(now - Stopwatch.GetElapsedTime(to, end));
    }
}
