using System.Text.Json;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class ChatTemplateTests
{
    [Fact]
    public void Render_ReferenceChats_GivesTheReferenceText()
    {
        var cases = Vectors.Json("vlm/chat/chat_template.json").GetProperty("cases");

        Assert.True(cases.GetArrayLength() > 30);
        Assert.All(cases.EnumerateArray(), entry => Assert.Equal(
            entry.GetProperty("rendered").GetString(),
            Template(entry.GetProperty("template").GetString()!).Render(Messages(entry), Options(entry))));
    }

    [Fact]
    public void Segments_Conversation_MarksWhatTheAssistantWrote()
    {
        ChatMessage[] messages =
        [
            new("system", "s"), new("user", [new ImagePart(), new TextPart("q")]), new("assistant", "a"),
            new("user", "r"), new("assistant", "b"),
        ];

        var segments = ChatTemplate.Qwen3Vl.Segments(messages, new ChatOptions { AddGenerationPrompt = true });

        Assert.Equal(["a<|im_end|>\n", "b<|im_end|>\n"], segments.Where(s => s.IsAnswer).Select(s => s.Text));
        Assert.Equal(ChatTemplate.ImagePlace, Assert.Single(segments, s => s.Vision is not null).Text);
        Assert.EndsWith("<|im_start|>assistant\n", segments[^1].Text);
    }

    [Fact]
    public void Render_ToolArguments_AreWrittenAsPythonDoes()
    {
        const string given = """{"a":[1,2.50,true,null],"é\u0007\"":"x\/y\n","e":{},"l":[]}""";
        var arguments = JsonDocument.Parse(given).RootElement;
        var call = new ChatMessage("assistant", "first") { ToolCalls = [new("f", arguments), new("g", arguments)] };

        var text = ChatTemplate.Qwen3Vl.Render([new("user", "q"), call]);

        const string json = """{"a": [1, 2.50, true, null], "é\u0007\"": "x/y\n", "e": {}, "l": []}""";
        var first = $"first\n<tool_call>\n{{\"name\": \"f\", \"arguments\": {json}}}\n</tool_call>";
        Assert.Contains($"{first}\n<tool_call>", text);
    }

    [Fact]
    public void Render_WhatTheFamilyDoesNotKnow_IsRefused()
    {
        var tool = JsonDocument.Parse("{}").RootElement;
        var caller = new ChatMessage("user", "x") { ToolCalls = [new("f", tool)] };

        AssertRefused("'judge'", () => ChatTemplate.Qwen3Vl.Render([new("judge", "x")]));
        AssertRefused("messages[1]", () => ChatTemplate.Qwen3Vl.Render([new("user", "x"), new("system", "y")]));
        AssertRefused("'tool'", () => ChatTemplate.Qwen25Vl.Render([new("tool", "x")]));
        AssertRefused("no tools", () => ChatTemplate.Qwen25Vl.Render([], new ChatOptions { Tools = [tool] }));
        AssertRefused("tool calls", () => ChatTemplate.Qwen3Vl.Render([caller]));
    }

    private static ChatTemplate Template(string modelType) =>
        modelType == "qwen3_vl" ? ChatTemplate.Qwen3Vl : ChatTemplate.Qwen25Vl;

    private static void AssertRefused(string says, Func<object> render) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(render).Message);

    private static ChatMessage[] Messages(JsonElement entry) =>
        [.. entry.GetProperty("messages").EnumerateArray().Select(message =>
            new ChatMessage(message.GetProperty("role").GetString()!, Parts(message.GetProperty("content")))
            {
                ToolCalls = message.TryGetProperty("tool_calls", out var calls)
                    ? [.. calls.EnumerateArray().Select(call => call.GetProperty("function")).Select(function =>
                        new ToolCall(function.GetProperty("name").GetString()!, function.GetProperty("arguments")))]
                    : [],
            })];

    private static ChatPart[] Parts(JsonElement content) => content.ValueKind == JsonValueKind.String
        ? [new TextPart(content.GetString()!)]
        : [.. content.EnumerateArray().Select(part => part.GetProperty("type").GetString() switch
        {
            "image" => new ImagePart(),
            "video" => new VideoPart(),
            _ => (ChatPart)new TextPart(part.GetProperty("text").GetString()!),
        })];

    private static ChatOptions Options(JsonElement entry) => new()
    {
        AddGenerationPrompt = entry.GetProperty("add_generation_prompt").GetBoolean(),
        AddVisionId = entry.GetProperty("add_vision_id").GetBoolean(),
        Tools = entry.TryGetProperty("tools", out var tools) ? [.. tools.EnumerateArray()] : [],
    };
}
