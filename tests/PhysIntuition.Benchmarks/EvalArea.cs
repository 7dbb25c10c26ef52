using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Evaluation;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Benchmarks;

/// <summary>What eval costs beside the model.</summary>
/// <remarks>The server is OpenAI's chat completions over HTTP on the same cores; it reads whole requests. A round of
/// each kind goes before those that count, so that compiled code is measured and not its compiler. Run folders are
/// deleted after the last round: ext4 searches longer for a new file's inode while many were deleted seconds
/// ago.</remarks>
internal sealed class EvalArea : IArea
{
    private const int Rounds = 3;
    private const int Questions = 2048, SlowQuestions = 1280;
    private const int InFlight = 64;
    private static readonly TimeSpan s_latency = TimeSpan.FromMilliseconds(200);

    private static readonly byte[] s_answer = Encoding.UTF8.GetBytes(
        """
        {"id": "1", "object": "chat.completion", "created": 1, "model": "instant-2026-11-01", "choices": [{"index": 0,
        "finish_reason": "stop", "message": {"role": "assistant", "content": "<answer>yes</answer>"}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 105}}
        """);

    /// <inheritdoc/>
    public string Name => "eval";

    /// <inheritdoc/>
    public string Summary => "Questions with pictures per second, and what eval adds to a server's own time.";

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        await using var server = Build();
        await server.StartAsync(cancellation);
        var (rates, shares) = (new List<double>(), new List<double>());
        var folders = Directory.CreateTempSubdirectory("physintuition-bench-eval-").FullName;
        try
        {
            for (var round = 0; round <= Rounds; round++)
            {
                var least = SlowQuestions / InFlight * s_latency.TotalSeconds;
                var rate = Questions / await AskAsync(
                    server, TimeSpan.Zero, Questions, Path.Combine(folders, $"{round}"), cancellation);
                var share = 1 - (least / await AskAsync(
                    server, s_latency, SlowQuestions, Path.Combine(folders, $"{round}-slow"), cancellation));
                if (round > 0)
                {
                    rates.Add(rate);
                    shares.Add(share);
                }
            }
        }
        finally
        {
            Directory.Delete(folders, recursive: true);
        }

        figures.AddMedian("eval_questions_per_s", rates, "1/s", Mark.AtLeast(1500));
        figures.AddMedian("eval_overhead_share", shares, "", Mark.AtMost(0.05));
    }

    // A whole run into a new folder, s.
    private static async Task<double> AskAsync(
        AnsweringServer server, TimeSpan latency, int questions, string path, CancellationToken cancellation)
    {
        server.Latency = latency;
        var plan = new EvaluationPlan
        {
            Models = [ModelName.Parse(server.Model)], Tasks = ["Stability-v1"], Questions = questions,
            Generation = new GenerationSettings { Concurrency = InFlight },
        };
        var limit = new AdaptiveLimit(InFlight, start: InFlight);
        using var clients = EnvironmentClients.Open("");
        using var folder = RunFolder.Open(path, plan, resumes: false);
        using var chat = ChatClients.Open(plan.Models[0], plan.Generation, limit, keyVariable: null, _ => { });
        var start = Stopwatch.GetTimestamp();
        await new EvaluationRun(plan, clients.All[0], folder, prices: null).RunAsync(
            (_, _) => new Kept(chat), _ => limit, (_, _) => { }, cancellation);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return folder.Samples.FirstOrDefault(sample => sample.Outcome == SampleOutcome.Undelivered) is { } lost
            ? throw new InvalidOperationException(lost.Error)
            : seconds;
    }

    private static AnsweringServer Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return new AnsweringServer(builder.Build());
    }

    /// <summary>Answers every question alike.</summary>
    private sealed class AnsweringServer : IAsyncDisposable
    {
        private readonly WebApplication _app;

        public AnsweringServer(WebApplication app)
        {
            _app = app;
            app.MapPost("/v1/chat/completions", (Delegate)AnswerAsync);
        }

        /// <summary>From the end of a request to its answer.</summary>
        public TimeSpan Latency { get; set; }

        /// <summary>As the command line names it.</summary>
        public string Model => $"{_app.Urls.Single()}#instant";

        public Task StartAsync(CancellationToken cancellation) => _app.StartAsync(cancellation);

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext http)
        {
            await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
            if (Latency > TimeSpan.Zero)
            {
                await Task.Delay(Latency, http.RequestAborted);
            }

            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync(s_answer, http.RequestAborted);
        }
    }

    /// <summary>Disposing it leaves the inner client open.</summary>
    private sealed class Kept(IChatClient inner) : DelegatingChatClient(inner)
    {
        protected override void Dispose(bool disposing)
        {
        }
    }
}
