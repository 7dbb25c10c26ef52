using System.CommandLine;
using System.Net;
using Microsoft.Extensions.AI;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Evaluation;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Trainer.Hosting;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Generation;
using static TorchSharp.torch;

namespace PhysIntuition.Benchmarks;

/// <summary>The tiny model behind HTTP against the same model in the process that asks, as eval asks both.</summary>
internal sealed class HostArea : IArea
{
    private const int PictureSize = 96, MaxTokens = 24, RequestsPerWorker = 4;

    private static readonly int[] s_together = [1, 8, 32];

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "How often each side is measured.", DefaultValueFactory = _ => 9,
    };

    /// <inheritdoc/>
    public string Name => "host";

    /// <inheritdoc/>
    public string Summary => "Tokens per second of a hosted model at 1, 8 and 32 requests, against eval in process.";

    /// <inheritdoc/>
    public void Configure(Command command) => command.Options.Add(_rounds);

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        set_num_threads(1);   // the tiny model's operators are too small to share
        var folder = Directory.CreateTempSubdirectory("physintuition-bench-").FullName;
        try
        {
            var questions = Questions(folder);
            var policy = Policy.Open(folder, new PolicyOptions());
            using var engine = new ModelEngine(policy, "tiny");
            await using var server = await HostServer.StartAsync(
                engine, new HostOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) });
            using var local = new VlmChatClient(engine);
            using var hosted = ChatClients.Open(ModelName.Parse($"{server.Address}#tiny"),
                new GenerationSettings(), new AdaptiveLimit(s_together[^1]), null, Console.Error.WriteLine);
            foreach (var together in s_together)
            {
                Compare(figures, together, arguments.GetValue(_rounds), questions, hosted, local);
            }

            Generate(figures, arguments.GetValue(_rounds), policy, questions);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Question[] Questions(string folder)
    {
        using var clients = EnvironmentClients.Open("");
        using var source = new QuestionSource(clients, "Stability-v1", "", "test", PictureSize);
        Question[] questions = [.. source.Ask(0, s_together[^1]).Questions];
        TinyFolder.Write(folder, questions.SelectMany(question => new[] { question.Prompt, question.Expert }));
        return questions;
    }

    private static void Compare(
        Figures figures, int together, int rounds, Question[] questions, IChatClient hosted, IChatClient local)
    {
        ChatMessage[] messages = [.. questions.Select(question => new ChatMessage(ChatRole.User,
        [
            new DataContent(PngEncoder.Encode(
                question.Picture.Pixels, question.Picture.Width, question.Picture.Height), "image/png"),
            new TextContent(question.Prompt),
        ]))];
        long tokens = 0;
        var seconds = Clock.Rounds(
            rounds, Clock.WallSeconds, () => tokens = Ask(hosted), () => tokens = Ask(local));
        var name = together == s_together[^1] ? "host_vs_inprocess" : $"host_vs_inprocess_{together}";
        figures.AddMedian(name, Clock.Ratios(seconds[1], seconds[0]), "x",
            together == s_together[^1] ? Mark.AtLeast(0.9) : null);
        figures.AddMedian($"host_tokens_per_s_{together}", [.. seconds[0].Select(time => tokens / time)], "token/s");
        figures.AddMedian(
            $"inprocess_tokens_per_s_{together}", [.. seconds[1].Select(time => tokens / time)], "token/s");

        // Each worker asks one question after the other, as eval does with so many in flight.
        long Ask(IChatClient chat) => Task.WhenAll(Enumerable.Range(0, together).Select(async worker =>
        {
            long written = 0;
            for (var i = 0; i < RequestsPerWorker; i++)
            {
                var reply = await chat.GetResponseAsync(
                    [messages[(worker + (i * together)) % messages.Length]],
                    new ChatOptions { Temperature = 0, MaxOutputTokens = MaxTokens });
                written += reply.Usage!.OutputTokenCount!.Value;
            }

            return written;
        })).GetAwaiter().GetResult().Sum();
    }

    /// <summary>The same prompts as one batch that begins and ends together.</summary>
    private static void Generate(Figures figures, int rounds, Policy policy, Question[] questions)
    {
        long tokens = 0;
        var seconds = Clock.Rounds(rounds, Clock.WallSeconds, () => tokens = policy.Write(
            [.. questions.Select(question => policy.Prompt(question))], new GenerationOptions
            {
                Sampling = new SamplingOptions { Temperature = 0 }, MaxNewTokens = MaxTokens,
                StopTokens = policy.StopTokens,
            }).SelectMany(group => group).Sum(item => (long)item.TokenIds.Length));
        figures.AddMedian($"generator_tokens_per_s_{questions.Length}", [.. seconds[0].Select(time => tokens / time)],
            "token/s");
    }
}
