using System.Text.Json;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class ChatTemplateTests
{
    [Fact]
    public void Render_ReferenceChats_GivesTheReferenceText()
    {
        // The vectors hold videos, calls of tools and numbered pictures, too, which nobody can ask for.
        var cases = Vectors.Json("vlm/chat/chat_template.json").GetProperty("cases").EnumerateArray()
            .Where(entry => !entry.GetProperty("add_vision_id").GetBoolean() && !entry.TryGetProperty("tools", out _)
                && entry.GetRawText() is var text && !text.Contains("\"tool_calls\"", StringComparison.Ordinal)
                && !text.Contains("\"type\": \"video\"", StringComparison.Ordinal)).ToArray();

        Assert.True(cases.Length >= 20, $"{cases.Length} cases");
        Assert.All(cases, entry => Assert.Equal(
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
        Assert.Equal(ChatTemplate.ImagePlace, Assert.Single(segments, s => s.Picture is not null).Text);
        Assert.EndsWith("<|im_start|>assistant\n", segments[^1].Text);
    }

    [Fact]
    public void Render_WhatTheFamilyDoesNotKnow_IsRefused()
    {
        AssertRefused("'judge'", () => ChatTemplate.Qwen3Vl.Render([new("judge", "x")]));
        AssertRefused("messages[1]", () => ChatTemplate.Qwen3Vl.Render([new("user", "x"), new("system", "y")]));
        AssertRefused("'tool'", () => ChatTemplate.Qwen25Vl.Render([new("tool", "x")]));
    }

    private static ChatTemplate Template(string modelType) =>
        modelType == "qwen3_vl" ? ChatTemplate.Qwen3Vl : ChatTemplate.Qwen25Vl;

    private static void AssertRefused(string says, Func<object> render) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(render).Message);

    private static ChatMessage[] Messages(JsonElement entry) =>
        [.. entry.GetProperty("messages").EnumerateArray().Select(message =>
            new ChatMessage(message.GetProperty("role").GetString()!, Parts(message.GetProperty("content"))))];

    private static ChatPart[] Parts(JsonElement content) => content.ValueKind == JsonValueKind.String
        ? [new TextPart(content.GetString()!)]
        : [.. content.EnumerateArray().Select(part => part.GetProperty("type").GetString() switch
        {
            "image" => new ImagePart(),
            _ => (ChatPart)new TextPart(part.GetProperty("text").GetString()!),
        })];

    private static ChatOptions Options(JsonElement entry) => new()
    {
        AddGenerationPrompt = entry.GetProperty("add_generation_prompt").GetBoolean(),
    };
}
