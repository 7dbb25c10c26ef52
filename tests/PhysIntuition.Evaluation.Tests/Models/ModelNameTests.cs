using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests.Models;

/// <summary>Models as the command line names them.</summary>
public sealed class ModelNameTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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

    [Theory]
    [InlineData("openai:gpt-5", "openai:gpt-5")]
    [InlineData("http://host:8000#org/model", "org/model")]
    [InlineData("http://host/v1?key=a#m=2", "m=2")]   // an equals sign in an address labels nothing
    public void Parse_WithoutALabel_IsCalledByItsName(string text, string label) =>
        Assert.Equal(label, ModelName.Parse(text).Label);

    [Theory]
    [InlineData("tiny", "tiny")]
    [InlineData("stability/final", "stability/final")]
    [InlineData("stability/best", "stability/best")]
    [InlineData("stability/step-100", "step-100")]
    public void Parse_Folder_IsCalledByWhereTrainingLeftIt(string path, string label)
    {
        var folder = Directory.CreateDirectory(_folder.At(path)).FullName;

        var model = ModelName.Parse(folder);

        Assert.Equal((Provider.Folder, label, folder), (model.Provider, model.Label, model.Name));
        Assert.Equal("mine", ModelName.Parse($"mine={folder}").Label);
    }

    [Theory]
    [InlineData("gpt-5", "'--model' is gpt-5; write it as openai:NAME")]
    [InlineData("gemini:pro", "'--model' is gemini:pro; write it as openai:NAME")]
    [InlineData("openai:", "'--model' is openai:; write it as")]
    [InlineData("./absent", "'--model' is ./absent; there is no such folder. Other models are written as openai:NAME")]
    [InlineData("http://host:8000", "name the server's model after its address, as http://127.0.0.1:8000/v1#NAME")]
    [InlineData("http://host:8000#", "name the server's model after its address")]
    [InlineData("http://#m", "name the server's model after its address")]
    public void Parse_WhatIsNoModel_SaysHowToWriteOne(string text, string says) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(() => ModelName.Parse(text)).Message);

    [Fact]
    public void ParseAll_TwoOfOneLabel_AsksForAnother()
    {
        var refused = Assert.Throws<ArgumentException>(() => ModelName.ParseAll(["http://a#m", "http://b#m"]));

        Assert.Contains("write LABEL=MODEL to call it otherwise", refused.Message);
        Assert.Equal(["m", "other"], ModelName.ParseAll(["http://a#m", "other=http://b#m"])
            .Select(model => model.Label));
    }
}
