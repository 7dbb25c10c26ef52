using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests;

public sealed class AnswerSchemaTests
{
    [Theory]
    [InlineData("""{"answer": 12}""", "OffsetX-v1", "<answer>12</answer>")]
    [InlineData("""{"answer": {"y": 3, "x": -4}}""", "Offset-v1", "<answer>(-4, 3)</answer>")]
    [InlineData("""{"answer": "yes"}""", "Stability-v1", "<answer>yes</answer>")]
    [InlineData("<answer>yes</answer>", "Stability-v1", "<answer>yes</answer>")]
    [InlineData("""{"result": 3}""", "OffsetX-v1", """{"result": 3}""")]
    public void ToText_RepliesByTheSchemaAndOthers_AreWhatTheTaskReads(string reply, string task, string text) =>
        Assert.Equal(text, AnswerSchema.ToText(reply, task));

    [Fact]
    public void FormatOf_EveryTask_AnswersInItsFormAreReadAsTheTaskWroteThem()
    {
        foreach (var spec in TaskCatalog.All.Select(task => task.Spec).Where(spec => spec.Answer.Count > 0))
        {
            var format = Assert.IsType<ChatResponseFormatJson>(AnswerSchema.FormatOf(spec.Id));
            var schema = JsonNode.Parse(format.Schema!.Value.GetRawText())!["properties"]!["answer"]!;
            var axes = spec.Answer;
            var answer = Answer.Of([.. axes.Select(axis => axis.Fields is null ? axis.Max : 2)]);
            var reply = new JsonObject { ["answer"] = Fill(schema, [.. axes.Select((_, i) => answer[i])]) };

            var read = AnswerText.Read(AnswerSchema.ToText(reply.ToJsonString(), spec.Id), axes);

            Assert.True(read.IsLegal, $"{spec.Id}: {read.Error}");
            Assert.Equal(AnswerText.WriteInner(answer, axes), AnswerText.WriteInner(read, axes));
        }

        // What a server that holds to the schema may write: the numbers, in the order of the axes.
        static JsonNode Fill(JsonNode schema, ReadOnlySpan<double> numbers)
        {
            var at = 0;
            return Next(schema, numbers, ref at);
        }

        static JsonNode Next(JsonNode schema, ReadOnlySpan<double> numbers, ref int at)
        {
            switch ((string)schema["type"]!)
            {
                case "string":
                    return schema["enum"]![(int)numbers[at++]]!.DeepClone();
                case "array":
                    var list = new JsonArray();
                    for (var left = (int)numbers[at++]; left > 0; left--)
                    {
                        list.Add(Next(schema["items"]!, numbers, ref at));
                    }

                    return list;
                case "object":
                    var whole = new JsonObject();
                    foreach (var name in schema["required"]!.AsArray())
                    {
                        whole[(string)name!] = Next(schema["properties"]![(string)name!]!, numbers, ref at);
                    }

                    return whole;
                default:
                    return numbers[at++];
            }
        }
    }
}
