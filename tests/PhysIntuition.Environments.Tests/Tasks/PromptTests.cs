using System.Text;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Every word that an agent reads, kept as it was reviewed: one file for each task.</summary>
public sealed class PromptTests
{
    private const string Folder = "tests/PhysIntuition.Environments.Tests/Prompts/";

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Prompt_UnderEachOptionThatChangesIt_IsTheReviewedText(string id)
    {
        var text = new StringBuilder();
        foreach (var json in Variants(id))
        {
            var batch = Given.Batch(id, 1, options: json);
            batch.Reset(12);
            text.Append("== ").Append(json).Append('\n').Append(batch.View.Prompt(0)).Append('\n');
            for (var step = 1; step < batch.Task.Spec.MaxSteps && !batch.IsDone(0); step++)
            {
                batch.Step([step > 1 ? SlotAction.OfText("I cannot tell.")
                    : batch.Task.Spec.AsksOnce ? SlotAction.OfNumbers(-40, 150)
                    : SlotAction.OfText(batch.View.Expert(0))]);
                text.Append("-- after step ").Append(step).Append('\n').Append(batch.View.Prompt(0)).Append('\n');
            }
        }

        Assert.Equal(Goldens.Text($"{Folder}{id}.txt", $"{text}"), $"{text}");
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Prompt_Template_IsFilledWhereverItAsks(string id)
    {
        var options = """{"prompt":"{form} / {question} / {form} / {other}"}""";
        var (own, usual) = (Given.Batch(id, 1, options: options), Given.Batch(id, 1));
        own.Reset(12);
        usual.Reset(12);
        var question = own.Task.Question(own.View.Episode(0));
        var form = Environments.Answers.AnswerText.FormOf(own.Task.Spec.Answer);

        Assert.Equal($"{form} / {question} / {form} / {{other}}", own.View.Prompt(0));
        Assert.Equal($"{question}\nThink if you like, then end with {form}.", usual.View.Prompt(0));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Prompt_InTheOneForm_AsksInTheSameWordsWhateverTheTask(string id)
    {
        var (batch, paper) = (Given.Batch(id, 8, options: """{"form":"one"}"""), Given.Batch(id, 8));
        batch.Reset(12);
        paper.Reset(12);
        for (var slot = 0; slot < 8; slot++)
        {
            var (question, prompt) = (batch.Task.Question(batch.View.Episode(slot)), batch.View.Prompt(slot));
            var (expert, inBrackets) = (batch.View.Expert(slot), paper.View.Expert(slot));

            Assert.StartsWith($"{question}\nThink if you like, then end with <answer>...</answer> with ", prompt);
            Assert.Matches(@"</answer> with (yes or no|one of \w[\w-]*(, \w[\w-]*)+|one number \(\w+\)|"
                + @"(two|three|four) numbers \(\w+(, \w+)+\)|a list, \[\{.*\}, \.\.\.\],) "
                + @"in place of the dots\.$", prompt);
            Assert.Matches(@"^<answer>([A-Za-z0-9.-]+(, [A-Za-z0-9.-]+)*|\[\{.*\}\])</answer>$", expert);
            Assert.Equal(expert, inBrackets.Replace("(", "").Replace(")", ""));
            Assert.Equal(batch.View.ExpertNumbers(slot), batch.Task.Parse(expert, batch.View.Episode(slot)));
            Assert.Equal(paper.Results.SceneHashes[slot], batch.Results.SceneHashes[slot]);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Prompt_OfManyScenes_IsPlainTextWithoutTheAnswer(string id)
    {
        var batch = Given.Batch(id, 16);
        batch.Reset(500);
        for (var slot = 0; slot < 16; slot++)
        {
            var prompt = batch.View.Prompt(slot);

            Assert.DoesNotContain(prompt, letter => char.IsControl(letter) && letter != '\n');
            Assert.DoesNotContain("NaN", prompt, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"\{\w", prompt);   // a place that is not filled
            Assert.InRange(prompt.Length, 60, 900);
            Assert.True(batch.Task.Spec.Answer[0].Choices is not null
                || !prompt.Contains(batch.View.Expert(slot), StringComparison.Ordinal));
        }
    }

    // The options that a question's words depend on, each alone.
    private static IEnumerable<string> Variants(string id)
    {
        yield return "{}";
        yield return """{"prompt":"Look. {question} Say {form}."}""";
        var type = TaskCatalog.Find(id).Spec.OptionsType;
        if (type == typeof(CollisionOptions))
        {
            yield return """{"physics":{"restitution":{"min":0,"max":0}}}""";
            yield return """{"physics":{"restitution":{"min":0.25,"max":0.25}}}""";
        }

        if (type == typeof(CollisionOptions) || type == typeof(SlideOptions) || type == typeof(PushOptions))
        {
            yield return """{"physics":{"friction":{"min":0.15,"max":0.15}}}""";
        }

        if (type.GetProperty("BlockWidth") is not null)
        {
            yield return """{"blockWidth":{"min":0.37,"max":0.37}}""";
        }
    }
}
