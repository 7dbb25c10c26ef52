using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Chat;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>Other people's clients against a host.</summary>
public sealed class OtherClientsTests(TinyModel tiny)
{
    private static readonly byte[] s_picture =
        PngEncoder.Encode([.. Enumerable.Range(0, 32 * 32 * 3).Select(i => (byte)(i * 7))], 32, 32);

    private static readonly string s_npm = Path.Combine(RepositoryRoot, "tests/PhysIntuition.Trainer.Tests/npm");

    private static string RepositoryRoot
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "PhysIntuition.sln")))
            {
                folder = Path.GetDirectoryName(folder)!;
            }

            return folder;
        }
    }

    private static string DataUri => $"data:image/png;base64,{Convert.ToBase64String(s_picture)}";

    [Fact]
    public async Task OpenAiForDotNet_AsksStreamsAndListsModels()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions
        {
            Endpoint = new Uri(host.Server.Address, "v1"), Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), NetworkTimeout = Hosted.Patience,
        });
        var chat = client.GetChatClient("tiny");
        ChatMessage[] messages =
        [
            new SystemChatMessage("Be brief."),
            new UserChatMessage(
                ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(s_picture), "image/png"),
                ChatMessageContentPart.CreateTextPart("Will it fall?")),
        ];
        var options = new ChatCompletionOptions
        {
            Temperature = 0, MaxOutputTokenCount = 6, IncludeLogProbabilities = true, TopLogProbabilityCount = 3,
        };

        var whole = (await chat.CompleteChatAsync(messages, options)).Value;

        Assert.Equal("tiny", whole.Model);
        Assert.Equal(whole.Usage.OutputTokenCount, whole.ContentTokenLogProbabilities.Count);
        Assert.All(whole.ContentTokenLogProbabilities, token =>
        {
            Assert.Equal(3, token.TopLogProbabilities.Count);
            Assert.Equal(token.LogProbability, token.TopLogProbabilities[0].LogProbability);
            Assert.InRange(token.LogProbability, -20, 0);
        });
        var text = "";
        ChatFinishReason? reason = null;
        await foreach (var update in chat.CompleteChatStreamingAsync(messages, options))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            reason = update.FinishReason ?? reason;
        }

        Assert.Equal((whole.Content[0].Text, whole.FinishReason), (text, reason));
        Assert.Equal(["tiny"], (await client.GetOpenAIModelClient().GetModelsAsync()).Value.Select(model => model.Id));
        var refused = await Assert.ThrowsAsync<ClientResultException>(
            () => client.GetChatClient("tinny").CompleteChatAsync(messages, options));
        Assert.Equal(404, refused.Status);
        Assert.Contains("Did you mean 'tiny'?", refused.Message);
    }

    [Fact]
    public async Task OpenAiForNode_AsksStreamsAndListsModels()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(s_npm, "node_modules")),
            "the client is absent: npm ci --prefix tests/PhysIntuition.Trainer.Tests/npm --ignore-scripts");
        await using var host = await Hosted.StartAsync(tiny.Folder);

        var seen = JsonNode.Parse(await RunAsync(
            "node", Path.Combine(s_npm, "openai.mjs"), $"{host.Server.Address}v1", "tiny", DataUri))!;

        var whole = seen["whole"]!.AsObject();
        Assert.Equal(2, whole["choices"]!.AsArray().Count);
        Assert.Equal(2, whole["choices"]![0]!["logprobs"]!["content"]![0]!["top_logprobs"]!.AsArray().Count);
        JsonNode[] chunks = [.. seen["chunks"]!.AsArray().Select(chunk => chunk!)];
        Assert.Equal(Hosted.Text(whole), string.Concat(chunks.SelectMany(chunk => chunk["choices"]!.AsArray())
            .Select(choice => (string?)choice!["delta"]!["content"])));
        Assert.Equal((int)whole["usage"]!["completion_tokens"]!, 2 * (int)chunks[^1]["usage"]!["completion_tokens"]!);
        Assert.Equal(["tiny"], seen["models"]!.AsArray().Select(model => (string)model!));
        Assert.Equal([("BadRequestError", 400), ("NotFoundError", 404)],
            seen["errors"]!.AsArray().Select(error => ((string)error!["kind"]!, (int)error["status"]!)));
        Assert.Equal("temperature", (string?)seen["errors"]![0]!["param"]);
    }

    [Fact]
    public async Task Curl_AsksAndStreams()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        var body = Hosted.Ask("Will it fall?", ("max_tokens", 4), ("stream", true));

        var text = await RunAsync("curl", "-sS", "-N", "--noproxy", "*", $"{host.Server.Address}v1/chat/completions",
            "-H", "Content-Type: application/json", "-d", body.ToJsonString());

        Assert.StartsWith("data: {", text);
        Assert.EndsWith("data: [DONE]\n\n", text);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var faults = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Hosted.Patience);
        await process.WaitForExitAsync().WaitAsync(Hosted.Patience);
        Assert.True(process.ExitCode == 0, await faults);
        return output;
    }
}
