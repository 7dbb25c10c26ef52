using Microsoft.Extensions.AI;
using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests.Models;

/// <summary>Which requests are answered from the file, and which answers never get into it.</summary>
public sealed class SqliteCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _asked;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ask_TheSameAgain_IsAnsweredFromTheFileWithAllThatWasSaid()
    {
        await AskAsync();

        var again = await AskAsync();

        Assert.Equal(1, _asked);
        Assert.Equal(("answer 1", "m-2026-01-01"), (again.Text, again.ModelId));
        Assert.Equal(7, again.Usage!.InputTokenCount);
        Assert.Equal(ChatFinishReason.Stop, again.FinishReason);
    }

    [Theory]
    [InlineData("another model")]
    [InlineData("another prompt")]
    [InlineData("another picture")]
    [InlineData("an earlier turn")]
    [InlineData("another seed")]
    [InlineData("more tokens")]
    public async Task Ask_AnythingElse_IsAskedFor(string change)
    {
        await AskAsync();

        await (change switch
        {
            "another model" => AskAsync(model: "OpenAI  other"),
            "another prompt" => AskAsync(prompt: "Will it stand?"),
            "another picture" => AskAsync(picture: [9]),
            "an earlier turn" => AskAsync(before: new ChatMessage(ChatRole.Assistant, "no")),
            "another seed" => AskAsync(options: new ChatOptions { Temperature = 0, Seed = 3 }),
            _ => AskAsync(options: new ChatOptions { Temperature = 0, MaxOutputTokens = 9 }),
        });

        Assert.Equal(2, _asked);
    }

    [Theory]
    [InlineData("", "stop")]
    [InlineData("I think that", "length")]
    public async Task Ask_EmptyAndCutAnswers_AreNeverKept(string answer, string end)
    {
        await AskAsync(answer: answer, end: new ChatFinishReason(end));
        await AskAsync(answer: answer, end: new ChatFinishReason(end));

        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task Ask_RequestThatFailed_IsAskedForAgain()
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(answer: null));

        Assert.Equal("answer 2", (await AskAsync()).Text);
    }

    [Theory]
    [InlineData(0.7f, false, 2)]   // a draw would be another one
    [InlineData(0.7f, true, 1)]    // --cache-draws
    [InlineData(null, false, 2)]   // the server's own temperature
    [InlineData(0f, false, 1)]
    public async Task Ask_Draws_AreKeptWhereThatIsWanted(float? temperature, bool keepsDraws, int asked)
    {
        var options = new ChatOptions { Temperature = temperature };

        await AskAsync(options: options, keepsDraws: keepsDraws);
        await AskAsync(options: options, keepsDraws: keepsDraws);

        Assert.Equal(asked, _asked);
    }

    // A client of its own for each question, as the next run has.
    private async Task<ChatResponse> AskAsync(
        string model = "OpenAI  m", string prompt = "Will it fall?", byte[]? picture = null,
        ChatMessage? before = null, ChatOptions? options = null, string? answer = "answer",
        ChatFinishReason? end = null, bool keepsDraws = false)
    {
        using var cache = new SqliteCache(
            new Model(() => answer is null or "" ? answer : $"{answer} {_asked}", end, () => _asked++),
            _folder.At("cache.db"), model, keepsDraws);
        var question = new ChatMessage(ChatRole.User,
            [new DataContent(picture ?? [1, 2, 3], "image/png"), new TextContent(prompt)]);
        return await cache.GetResponseAsync(
            before is null ? [question] : [before, question], options ?? new ChatOptions { Temperature = 0 },
            TestContext.Current.CancellationToken);
    }

    private sealed class Model(Func<string?> answer, ChatFinishReason? end, Action asked) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            CancellationToken cancellationToken = default)
        {
            asked();
            return Task.FromResult(new ChatResponse(new ChatMessage(
                ChatRole.Assistant, answer() ?? throw new HttpRequestException("cut")))
            {
                ModelId = "m-2026-01-01", FinishReason = end ?? ChatFinishReason.Stop,
                Usage = new UsageDetails { InputTokenCount = 7 },
            });
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null,
            CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
