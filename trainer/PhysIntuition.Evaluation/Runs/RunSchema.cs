using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>The JSON Schema of a run's folder, from the types that are written.</summary>
public static class RunSchema
{
    private static readonly JsonSerializerOptions s_types = new(RunFolder.Json)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(), RespectNullableAnnotations = true,
    };

    /// <summary>One schema; its definitions run, sample and table are run.json, a line of samples.jsonl and
    /// table.json.</summary>
    public static string Text()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "The folder of an evaluation run",
            ["description"] = "run.json, a line of samples.jsonl, table.json; docs/evaluate.md says what they mean.",
            ["$defs"] = new JsonObject
            {
                ["run"] = Schema(typeof(RunManifest)), ["sample"] = Schema(typeof(EvaluationSample)),
                ["table"] = Schema(typeof(TableFile)),
            },
        };
        return schema.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    // Members that are null are left out of the files, so only those that the types require are required.
    private static JsonNode Schema(Type type) => s_types.GetJsonSchemaAsNode(
        type, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
}

/// <summary>run.json.</summary>
/// <param name="Format">"physintuition-evaluation-1".</param>
/// <param name="Version">The program's.</param>
/// <param name="Plan">Every resolved option.</param>
internal sealed record RunManifest(string Format, string Version, EvaluationPlan Plan);

/// <summary>table.json.</summary>
/// <param name="Cells">A model on a task and split.</param>
/// <param name="Pairs">Every two models on the scenes that both were asked about.</param>
internal sealed record TableFile(IReadOnlyList<EvaluationCell> Cells, IReadOnlyList<ModelPair> Pairs);
