using Microsoft.Extensions.AI;
using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests.Models;

/// <summary>Answers apart from thoughts, whatever the server calls them.</summary>
public sealed class ReplyTests
{
    [Theory]
    [InlineData("<think>It leans.</think>\n<answer>yes</answer>", "<answer>yes</answer>", "It leans.")]
    [InlineData("  <think>\nIt leans.\n</think>  yes ", "yes", "It leans.")]
    [InlineData("<think>It leans, and", "", "It leans, and")]   // cut off in its thoughts
    [InlineData("<think></think>yes", "yes", "")]
    [InlineData("<answer>no</answer>", "<answer>no</answer>", "")]
    [InlineData("I <think> so", "I <think> so", "")]            // thoughts stand first, or are none
    public void Read_ThoughtsInTags_AreNoAnswer(string said, string text, string reasoning)
    {
        var reply = Reply.Read(Response(new TextContent(said)), "");

        Assert.Equal((text, reasoning), (reply.Text, reply.Reasoning));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"x","reasoning_content":"a"}}]}""", "a")]
    [InlineData("""{"choices":[{"message":{"content":"x","reasoning":"b"}}]}""", "b")]
    [InlineData("""{"choices":[{"message":{"reasoning_content":null,"reasoning":"b"}}]}""", "b")]
    [InlineData("""{"choices":[{"message":{"reasoning_details":[{"text":"c"},{"summary":"d"}]}}]}""", "cd")]
    [InlineData("""{"choices":[{"message":{"reasoning_details":[{"type":"encrypted","data":"e"}]}}]}""", "")]
    [InlineData("""{"choices":[{"message":{"reasoning_details":"c"}}]}""", "")]
    [InlineData("""{"choices":[{}]}""", "")]
    [InlineData("""{"choices":[]}""", "")]
    [InlineData("""{"choices":{}}""", "")]
    [InlineData("""[1]""", "")]
    [InlineData("<html>", "")]
    public void Read_ThoughtsBesideTheAnswer_AreFound(string raw, string reasoning) =>
        Assert.Equal(reasoning, Reply.Read(Response(new TextContent("x")), raw).Reasoning);

    [Fact]
    public void Read_ThoughtsThatTheLibraryFound_AreTakenAndNotReadTwice()
    {
        const string raw = """{"choices":[{"message":{"reasoning_content":"It leans."}}]}""";

        var reply = Reply.Read(Response(new TextReasoningContent("It leans."), new TextContent("yes")), raw);

        Assert.Equal(("yes", "It leans."), (reply.Text, reply.Reasoning));
    }

    [Theory]
    [InlineData("length", true)]
    [InlineData("stop", false)]
    [InlineData("content_filter", false)]
    [InlineData(null, false)]
    public void Read_FinishReason_SaysWhetherTheAnswerWasCut(string? reason, bool isCut)
    {
        var response = Response(new TextContent("x"));
        response.FinishReason = reason is null ? null : new ChatFinishReason(reason);

        Assert.Equal(isCut, Reply.Read(response, "").IsCut);
    }

    [Fact]
    public void Read_Usage_IsCountedByKind()
    {
        var response = Response(new TextContent("x"));
        response.ModelId = "m-2026-01-01";
        response.Usage = new UsageDetails
        {
            InputTokenCount = 100, CachedInputTokenCount = 60, OutputTokenCount = 20, ReasoningTokenCount = 15,
            TotalTokenCount = 120,
        };

        var reply = Reply.Read(response, "");

        Assert.Equal(new TokenCount(100, 60, 20, 15), reply.Tokens);
        Assert.Equal("m-2026-01-01", reply.ServedModel);
    }

    [Fact]
    public void Read_NoUsageAndNoModel_AreZeroAndEmpty()
    {
        var reply = Reply.Read(Response(new TextContent("x")), "");

        Assert.Equal((default, ""), (reply.Tokens, reply.ServedModel));
    }

    [Fact]
    public void Add_Counts_AreTheSumsOfEachKind() => Assert.Equal(
        new TokenCount(11, 22, 33, 44), new TokenCount(1, 2, 3, 4) + new TokenCount(10, 20, 30, 40));

    private static ChatResponse Response(params AIContent[] contents) =>
        new(new ChatMessage(ChatRole.Assistant, contents));
}
