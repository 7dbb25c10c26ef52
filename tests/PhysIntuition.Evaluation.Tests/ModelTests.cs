using Microsoft.Extensions.AI;
using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests;

public sealed class ModelTests
{
    [Theory]
    [InlineData("openai:gpt-5", Provider.OpenAI, "gpt-5", null)]
    [InlineData("anthropic:claude", Provider.Anthropic, "claude", null)]
    [InlineData("ollama:llava:13b", Provider.Ollama, "llava:13b", null)]
    [InlineData("http://host:8000#org/model", Provider.Compatible, "org/model", "http://host:8000/v1")]
    [InlineData("http://host:8000/#m", Provider.Compatible, "m", "http://host:8000/v1")]
    [InlineData("http://host:8000/v1#m", Provider.Compatible, "m", "http://host:8000/v1")]
    [InlineData("http://host:8000/v1/chat/completions#m", Provider.Compatible, "m", "http://host:8000/v1")]
    [InlineData("https://host/v1beta/openai/#m", Provider.Compatible, "m", "https://host/v1beta/openai")]
    [InlineData("player:expert", Provider.Player, "expert", null)]
    [InlineData("mock:answers.jsonl", Provider.Mock, "answers.jsonl", null)]
    public void Parse_EveryForm_IsRead(string text, Provider provider, string name, string? address)
    {
        var model = ModelName.Parse(text);

        Assert.Equal((provider, name), (model.Provider, model.Name));
        Assert.Equal(address, model.Address?.ToString());
        Assert.Equal("mine", ModelName.Parse($"mine={text}").Label);
    }

    [Fact]
    public async Task Limit_RefusedTogether_HalvesOnceAndGrowsWhileQuiet()
    {
        var limit = new AdaptiveLimit(64);
        Assert.Equal(20, limit.Current);

        for (var i = 0; i < 20; i++)
        {
            limit.Refused();
        }

        Assert.Equal(10, limit.Current);
        for (var i = 0; i < 10; i++)
        {
            limit.Answered();
        }

        Assert.Equal(11, limit.Current);

        var inFlight = new List<IDisposable>();
        for (var i = 0; i < 11; i++)
        {
            inFlight.Add(await limit.EnterAsync(CancellationToken.None));
        }

        var waiting = limit.EnterAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        inFlight[0].Dispose();
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("<think>It leans.</think>\n<answer>yes</answer>", "<answer>yes</answer>", "It leans.")]
    [InlineData("<think>It leans, and", "", "It leans, and")]
    [InlineData("<answer>no</answer>", "<answer>no</answer>", "")]
    public void Read_ThoughtsInTags_AreNoAnswer(string said, string text, string reasoning)
    {
        var reply = Reply.Read(new ChatResponse(new ChatMessage(ChatRole.Assistant, said)), "");

        Assert.Equal((text, reasoning), (reply.Text, reply.Reasoning));
    }

    [Theory]
    [InlineData("""{"choices":[{"message":{"content":"x","reasoning_content":"a"}}]}""", "a")]
    [InlineData("""{"choices":[{"message":{"content":"x","reasoning":"b"}}]}""", "b")]
    [InlineData("""{"choices":[{"message":{"reasoning_details":[{"text":"c"},{"summary":"d"}]}}]}""", "cd")]
    [InlineData("""{"choices":[]}""", "")]
    [InlineData("""[1]""", "")]
    [InlineData("<html>", "")]
    public void Read_ThoughtsBesideTheAnswer_AreFound(string raw, string reasoning) => Assert.Equal(
        reasoning, Reply.Read(new ChatResponse(new ChatMessage(ChatRole.Assistant, "x")), raw).Reasoning);
}
