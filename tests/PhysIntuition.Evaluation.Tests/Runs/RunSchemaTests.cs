using System.Text.Json.Nodes;
using NJsonSchema;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>The JSON Schema that documents a run's folder.</summary>
public sealed class RunSchemaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Text_IsTheFileInTheDocs() => Assert.Equal(
        File.ReadAllText(Path.Combine(Repository.Root, "docs/evaluation.schema.json")), RunSchema.Text());

    [Fact]
    public async Task FilesOfARun_FitIt_AndOthersDoNot()
    {
        Assert.Equal(0, EvaluationCommands.Run(EvaluationCommands.Create(),
        [
            "eval", "--model", "player:random", "--model", "player:expert", "--task", "OffsetRetry-v1", "Stability-v1",
            "--questions", "4", "--picture-size", "32", "--out", _folder.At("run"),
        ]));

        var lines = File.ReadAllLines(_folder.At("run/samples.jsonl"));
        Assert.Equal(16, lines.Length);
        await AssertFitsAsync("run", File.ReadAllText(_folder.At("run/run.json")));
        await AssertFitsAsync("table", File.ReadAllText(_folder.At("run/table.json")));
        foreach (var line in lines)
        {
            await AssertFitsAsync("sample", line);
        }

        var sample = await SchemaAsync("sample");
        Assert.NotEmpty(sample.Validate(lines[0].Replace("\"outcome\"", "\"result\"")));
        Assert.NotEmpty(sample.Validate(lines[0].Replace("\"seed\":", "\"seed\": \"a\", \"b\":")));
    }

    private static async Task AssertFitsAsync(string definition, string json) =>
        Assert.Empty((await SchemaAsync(definition)).Validate(json));

    private static Task<JsonSchema> SchemaAsync(string definition) => JsonSchema.FromJsonAsync(
        JsonNode.Parse(RunSchema.Text())!["$defs"]![definition]!.ToJsonString());
}
