using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>What a host promises beyond OpenAI's shapes.</summary>
public sealed class HostTests(TinyModel tiny)
{
    private const string Completions = "v1/chat/completions";

    private const int Endless = 100_000;   // tokens: minutes, even on a machine that does nothing else

    private static readonly (string, JsonNode?)[] s_endless = [("ignore_eos", true), ("max_tokens", Endless)];

    [Theory]
    [InlineData("Stability-v1", "0")]
    [InlineData("OffsetRetry-v1", "0", "--examples", "1", "--stop", "0.")]
    [InlineData("OffsetX-v1", "0.7", "--seed", "5", "--top-p", "0.9", "--min-p", "0.01")]
    public async Task Eval_OverHttp_GivesExactlyTheCellsOfTheFolder(
        string task, string temperature, params string[] more)
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        var (local, remote) = (tiny.At($"local-{task}"), tiny.At($"remote-{task}"));

        Eval(tiny.Folder, local);
        Eval($"{host.Server.Address}#tiny", remote);

        Assert.Equal(File.ReadAllText(Path.Combine(local, "table.json")),
            File.ReadAllText(Path.Combine(remote, "table.json")));

        void Eval(string model, string run) => Assert.Equal(0, TrainerCommands.Run(
        [
            "eval", "--model", model, "--task", task, "--questions", "8", "--max-tokens", "8", "--picture-size", "32",
            "--temperature", temperature, "--out", run, .. more,
        ]));
    }

    [Fact]
    public async Task Complete_WhileAnotherRuns_JoinsItAndEndsFirst()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder, maxTokens: Endless);
        using var stop = new CancellationTokenSource();
        var alone = await host.CompleteAsync(Hosted.Ask("Will it fall?", ("max_tokens", 6)));
        var endless = host.PostAsync(Completions, Hosted.Ask("Stay.", s_endless), stop.Token);
        await host.LoadIsAsync(running: 1, waiting: 0);

        var beside = await host.CompleteAsync(Hosted.Ask("Will it fall?", ("max_tokens", 6)));

        Assert.False(endless.IsCompleted);
        Assert.Equal(Hosted.Text(alone), Hosted.Text(beside));
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        await host.LoadIsAsync(running: 0, waiting: 0);   // who goes makes room
    }

    [Fact]
    public async Task Complete_MoreThanMayWait_Gets429AndWhoWaitedIsAnswered()
    {
        await using var host = await Hosted.StartAsync(
            tiny.Folder, new ModelEngineOptions { MaxRunning = 1, MaxWaiting = 1 }, maxTokens: Endless);
        using var stop = new CancellationTokenSource();
        var running = host.PostAsync(Completions, Hosted.Ask("Stay.", s_endless), stop.Token);
        await host.LoadIsAsync(running: 1, waiting: 0);
        var waiting = host.CompleteAsync(Hosted.Ask("Wait.", ("max_tokens", 2)));
        await host.LoadIsAsync(running: 1, waiting: 1);

        using var refused = await host.PostAsync(Completions, Hosted.Ask("Too many.", ("max_tokens", 2)));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Contains("1 requests wait already", await refused.Content.ReadAsStringAsync());
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Single((await waiting.WaitAsync(Hosted.Patience))["choices"]!.AsArray());
    }

    [Fact]
    public async Task Stream_ClientThatGoes_EndsTheCompletion()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder, maxTokens: Endless);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Server.Address, Completions))
        {
            Content = new StringContent(Hosted.Ask("Stay.", [("stream", true), .. s_endless]).ToJsonString(),
                new MediaTypeHeaderValue("application/json")),
        };
        using (var reply = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            using var lines = new StreamReader(await reply.Content.ReadAsStreamAsync());
            Assert.StartsWith("data: {", await lines.ReadLineAsync().WaitAsync(Hosted.Patience));
            await host.LoadIsAsync(running: 1, waiting: 0);
        }

        await host.LoadIsAsync(running: 0, waiting: 0);
    }

    [Fact]
    public async Task Stream_PartsTogether_AreTheWholeReply()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        (string, JsonNode?)[] more = [("n", 3), ("seed", 4), ("temperature", 1.5), ("max_tokens", 12)];
        var whole = await host.CompleteAsync(Hosted.Ask("Will it fall?", more));

        using var reply = await host.PostAsync(Completions, Hosted.Ask("Will it fall?",
            [.. more, ("stream", true), ("stream_options", new JsonObject { ["include_usage"] = true })]));

        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType!.MediaType);
        var events = await Hosted.EventsAsync(reply);
        Assert.Equal("[DONE]", events[^1]);
        JsonObject[] chunks = [.. events[..^1].Select(line => JsonNode.Parse(line)!.AsObject())];
        Assert.Equal(whole["usage"]!.ToJsonString(), chunks[^1]["usage"]!.ToJsonString());
        JsonNode[] choices = [.. chunks.SelectMany(chunk => chunk["choices"]!.AsArray()).Select(choice => choice!)];
        for (var choice = 0; choice < 3; choice++)
        {
            JsonNode[] own = [.. choices.Where(part => (int)part["index"]! == choice)];
            Assert.Equal(Hosted.Text(whole, choice),
                string.Concat(own.Select(part => (string?)part["delta"]!["content"])));
            Assert.Equal((string?)whole["choices"]![choice]!["finish_reason"], (string?)own[^1]["finish_reason"]);
            Assert.Equal("assistant", (string?)own[0]["delta"]!["role"]);
        }
    }

    [Fact]
    public async Task Complete_SeedAndNumber_DrawWhatTheGeneratorDraws()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        using var policy = Policy.Open(tiny.Folder, new PolicyOptions());
        var prompt = policy.Encoder.Encode([new ChatMessage("user", "Will it fall?")],
            new ChatOptions { AddGenerationPrompt = true });
        var expected = policy.Write([prompt], new GenerationOptions
        {
            MaxNewTokens = 10, CompletionsPerPrompt = 4, StopTokens = policy.StopTokens, Seed = 9,
        })[0];

        var reply = await host.CompleteAsync(Hosted.Ask("Will it fall?", ("n", 4), ("temperature", 1),
            ("max_tokens", 10), ("seed", (long)RunningCompletion.SeedOf(9, 0)), ("logprobs", true),
            ("return_token_ids", true)));

        for (var i = 0; i < expected.Length; i++)
        {
            var choice = reply["choices"]![i]!;
            Assert.Equal(expected[i].TokenIds, choice["token_ids"]!.AsArray().Select(id => (int)id!));
            Assert.All(choice["logprobs"]!["content"]!.AsArray().Zip(expected[i].LogProbabilities),
                pair => Assert.Equal(pair.Second, (float)pair.First!["logprob"]!, 1e-4f));
            Assert.Equal(expected[i].IsStopped ? "stop" : "length", (string?)choice["finish_reason"]);
            Assert.Equal(policy.Text(expected[i].TokenIds), Hosted.Text(reply, i));
        }

        Assert.Equal(expected.Sum(item => item.TokenIds.Length), (int)reply["usage"]!["completion_tokens"]!);
        Assert.Equal(prompt.Ids.Length, (int)reply["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task Adapters_LoadedReplacedAndUnloaded_AnswerAsThePolicyThatLearnedThem()
    {
        var (first, second) = (Learn("first", 1), Learn("second", 2));
        await using var host = await Hosted.StartAsync(tiny.Folder);
        var ask = Hosted.Ask("Will it fall?", ("max_tokens", 8), ("logprobs", true), ("ignore_eos", true));
        var plain = Probabilities(await host.CompleteAsync(Named("tiny")));

        await LoadAsync(first, HttpStatusCode.OK);
        Assert.Contains("already", await LoadAsync(second, HttpStatusCode.BadRequest));
        var before = Probabilities(await host.CompleteAsync(Named("learned")));
        await LoadAsync(second, HttpStatusCode.OK, inPlace: true);
        var after = Probabilities(await host.CompleteAsync(Named("learned")));

        AssertClose(Expected(first), before);
        AssertClose(Expected(second), after);
        AssertClose(plain, Probabilities(await host.CompleteAsync(Named("tiny"))));
        Assert.NotEqual(before, after);
        Assert.Equal(["tiny", "learned"], host.Engine.Names);
        await host.Engine.UnloadAdapterAsync("learned").WaitAsync(Hosted.Patience);
        using var gone = await host.PostAsync(Completions, Named("learned"));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        AssertClose(plain, Probabilities(await host.CompleteAsync(Named("tiny"))));

        JsonObject Named(string model)
        {
            var body = ask.DeepClone().AsObject();
            body["model"] = model;
            return body;
        }

        async Task<string> LoadAsync(string folder, HttpStatusCode status, bool inPlace = false)
        {
            using var reply = await host.PostAsync("v1/load_lora_adapter", new JsonObject
            {
                ["lora_name"] = "learned", ["lora_path"] = folder, ["load_inplace"] = inPlace,
            });
            var said = await reply.Content.ReadAsStringAsync();
            Assert.True(status == reply.StatusCode, said);
            return said;
        }

        float[] Expected(string folder)
        {
            using var policy = Policy.Open(folder, new PolicyOptions());
            return policy.Write([policy.Encoder.Encode([new ChatMessage("user", "Will it fall?")],
                new ChatOptions { AddGenerationPrompt = true })], new GenerationOptions
                {
                    Sampling = new SamplingOptions { Temperature = 0 }, MaxNewTokens = 8,
                })[0][0].LogProbabilities;
        }
    }

    [Fact]
    public async Task Key_MissingOrAnother_IsRefusedAndHealthIsOpen()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder, key: "secret");
        using var refused = await host.PostAsync(Completions, Hosted.Ask("Will it fall?"));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("'authorization' is missing", await refused.Content.ReadAsStringAsync());
        Assert.Contains("\"ok\"", await host.Http.GetStringAsync(new Uri(host.Server.Address, "health")));

        host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        Assert.NotEmpty(await host.CompleteAsync(Hosted.Ask("Will it fall?", ("max_tokens", 2))));
    }

    [Fact]
    public async Task Request_ForAnotherHostName_IsRefused()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Server.Address, "v1/models"));
        request.Headers.Host = "evil.example.com";

        using var reply = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
    }

    [Fact]
    public async Task Program_ToldToStop_SaysWhereItListensAndEndsWithOne()
    {
        var adapters = Learn("beside", 3);
        using var program = Runs.Start(readsOutput: true, "host", "--model", tiny.Folder,
            "--adapter", $"more={adapters}", "--listen", "127.0.0.1:0", "--threads", "1");
        try
        {
            var faults = program.StandardError.ReadToEndAsync();

            var line = await program.StandardOutput.ReadLineAsync().WaitAsync(Hosted.Patience);

            Assert.True(line is not null, "it ended at once");
            Assert.StartsWith("tiny, more at http://127.0.0.1:", line);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Hosted.Patience };
            Assert.Contains("\"more\"", await http.GetStringAsync($"{line.Split(' ')[^1]}/models"));
            using var signal = Process.Start("kill", ["-INT", $"{program.Id}"]);
            await program.WaitForExitAsync().WaitAsync(Hosted.Patience);
            Assert.Equal((1, ""), (program.ExitCode, await faults.WaitAsync(Hosted.Patience)));
        }
        finally
        {
            program.Kill();   // where something above failed
        }
    }

    private static float[] Probabilities(JsonObject reply) =>
        [.. reply["choices"]![0]!["logprobs"]!["content"]!.AsArray().Select(token => (float)token!["logprob"]!)];

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    private string Learn(string name, ulong seed)
    {
        Sft.Train(Runs.Small with
        {
            Model = tiny.Folder, AdapterRank = 4, Seed = seed, Steps = 3, LearningRate = 1e-2,
        }, tiny.At(name), CancellationToken.None);
        return tiny.At($"{name}/final");
    }
}
