using System.Text.Json.Nodes;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>Replies as OpenAI's clients read them, whole and in chunks.</summary>
public sealed class ChatReplyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;

    public ChatReplyTests()
    {
        TinyFolder.Write(_folder.Root, ["yes it falls"]);
        _tokenizer = Tokenizer.Load(_folder.Root);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whole_TwoCompletions_HaveTheirTextsEndsAndTheTokensOfBoth()
    {
        var reply = Read(Reply().Whole([
            new("yes", [Token("yes")], CompletionEnd.Stop),
            new("no it", [Token("no"), Token(" it")], CompletionEnd.Length),
        ]));

        Assert.Equal(("chat.completion", "tiny"), ((string)reply["object"]!, (string)reply["model"]!));
        Assert.StartsWith("chatcmpl-", (string)reply["id"]!);
        Assert.Equal(
            [(0, "yes", "stop"), (1, "no it", "length")],
            reply["choices"]!.AsArray().Select(choice => ((int)choice!["index"]!,
                (string)choice["message"]!["content"]!, (string)choice["finish_reason"]!)));
        Assert.Equal("""{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}""", reply["usage"]!.ToJsonString());

        // Nobody asked for probabilities or ids.
        Assert.All(reply["choices"]!.AsArray(), choice =>
            Assert.False(choice!.AsObject().ContainsKey("logprobs") || choice.AsObject().ContainsKey("token_ids")));
    }

    [Fact]
    public void Whole_WithProbabilities_TellsEachTokenWithItsBytesAndAlternatives()
    {
        var token = new DrawnToken(Id("字"), -0.25f, [(Id("y"), -1.5f)]);
        var choice = Read(Reply(tellsLogProbabilities: true, tellsTokens: true).Whole(
            [new("字", [token], CompletionEnd.Stop)]))["choices"]![0]!;
        var told = choice["logprobs"]!["content"]![0]!;

        Assert.Equal(-0.25, (double)told["logprob"]!);
        Assert.Equal(
            _tokenizer.BytesOf(token.Token).ToArray(), told["bytes"]!.AsArray().Select(one => (byte)(int)one!));
        Assert.Equal(("y", -1.5), ((string)told["top_logprobs"]![0]!["token"]!,
            (double)told["top_logprobs"]![0]!["logprob"]!));
        Assert.Equal([token.Token], choice["token_ids"]!.AsArray().Select(id => (int)id!));
    }

    [Fact]
    public void Chunks_OfAStream_OpenTellAndEnd()
    {
        var reply = Reply();
        var opening = Read(reply.Opening(1))["choices"]![0]!;
        var chunk = Read(reply.Chunk(new(1, Token("yes"), "yes", End: null))!);
        var last = Read(reply.Chunk(new(1, Token("it"), "", CompletionEnd.Length))!);
        var usage = Read(reply.UsageChunk());

        Assert.Equal((1, "assistant", ""), ((int)opening["index"]!, (string)opening["delta"]!["role"]!,
            (string)opening["delta"]!["content"]!));
        Assert.Equal("chat.completion.chunk", (string)chunk["object"]!);
        Assert.Equal("yes", (string)chunk["choices"]![0]!["delta"]!["content"]!);
        Assert.Null(chunk["choices"]![0]!["finish_reason"]);
        Assert.Equal("length", (string)last["choices"]![0]!["finish_reason"]!);
        Assert.Empty(usage["choices"]!.AsArray());
        Assert.Equal((2, 5), ((int)usage["usage"]!["completion_tokens"]!, (int)usage["usage"]!["total_tokens"]!));

        // One stream, one id and one time.
        JsonNode[] all = [chunk, last, usage];
        Assert.Single(all.Select(part => ((string)part["id"]!, (long)part["created"]!)).Distinct());
    }

    [Fact]
    public void Chunk_TokenThatCompletesNoCharacter_IsCountedAndToldOnlyWhereTokensAre()
    {
        var (plain, detailed) = (Reply(), Reply(tellsTokens: true));
        var part = new CompletionPart(0, Token("字"), "", End: null);

        Assert.Null(plain.Chunk(part));
        Assert.NotNull(detailed.Chunk(part));
        Assert.Equal((1, 1), (plain.Written, detailed.Written));
    }

    [Fact]
    public async Task GatherAsync_PartsOfSeveralCompletions_ArePutTogetherByTheirNumbers()
    {
        CompletionPart[] parts =
        [
            new(0, Token("yes"), "yes", null), new(1, Token("no"), "no", CompletionEnd.Stop),
            new(0, Token(" it"), " it", null), new(0, Token("s"), "", CompletionEnd.Length),
        ];

        var whole = await WholeCompletion.GatherAsync(parts.ToAsyncEnumerable(), 2);

        Assert.Equal([("yes it", 3, CompletionEnd.Length), ("no", 1, CompletionEnd.Stop)],
            whole.Select(one => (one.Text, one.Tokens.Count, one.End)));
    }

    private ChatReply Reply(bool tellsLogProbabilities = false, bool tellsTokens = false) => new(
        new(new("tiny", new EncodedChat([1, 2, 3], [false, false, false], [])), Streams: true, TellsUsage: true,
            tellsLogProbabilities, tellsTokens),
        _tokenizer);

    private DrawnToken Token(string text) => new(Id(text), -0.5f, []);

    private int Id(string text) => _tokenizer.Encode(text)[0];

    private static JsonNode Read(byte[] json) => JsonNode.Parse(json)!;
}
