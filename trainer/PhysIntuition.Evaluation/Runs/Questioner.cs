using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>A scene that a model is asked about.</summary>
/// <param name="Key">Which, and for which time.</param>
/// <param name="Slot">Its place among others, for scripted players.</param>
/// <param name="Shown">Solved scenes that are shown first.</param>
internal sealed record AskedScene(SampleKey Key, int Slot, IReadOnlyList<VisualPrompt> Shown);

/// <summary>Puts questions to models, keeps the pictures, and counts what the answers cost.</summary>
/// <param name="plan">How is asked.</param>
/// <param name="folder">Where pictures are kept.</param>
/// <param name="prices">Null: no dollars, and no limit on them.</param>
internal sealed class Questioner(EvaluationPlan plan, RunFolder folder, Prices? prices)
{
    private double _spent;

    /// <summary>Asks once; a failure that does not pass by itself is said, and is no answer.</summary>
    /// <param name="scene">What is asked about.</param>
    /// <param name="chat">Who is asked.</param>
    /// <param name="limit">Requests in flight.</param>
    /// <param name="question">The question of this turn.</param>
    /// <param name="before">The turns before it.</param>
    /// <param name="cancellation">Sends nothing more; what is in flight is waited for.</param>
    /// <returns>The turn, or why there is none; both null: it was not begun.</returns>
    public async Task<(ConversationTurn? Turn, string? Error)> AskAsync(
        AskedScene scene, IChatClient chat, AdaptiveLimit limit, VisualPrompt question, List<ConversationTurn> before,
        CancellationToken cancellation)
    {
        try
        {
            var log = RequestLog.Begin();
            var watch = new Stopwatch();
            Reply reply;
            using (await limit.EnterAsync(cancellation).ConfigureAwait(false))
            {
                if (cancellation.IsCancellationRequested || _spent >= plan.CostLimit)
                {
                    return (null,
                        _spent >= plan.CostLimit ? $"The limit of {plan.CostLimit} dollars was reached." : null);
                }

                watch.Start();
                var response = await chat.GetResponseAsync(
                    Messages(scene, question, before), Options(chat, scene, before.Count), CancellationToken.None)
                    .ConfigureAwait(false);
                watch.Stop();
                reply = Reply.Read(response, log.Reply);
                Spend(reply);
            }

            var isSchema = plan.Generation.Constrain == AnswerConstraint.Answer && !IsFolder(scene);
            return (new ConversationTurn   // the next request is on its way while files are written
            {
                Prompt = question.Prompt, Picture = folder.AddPicture(question.Picture),
                Answer = isSchema ? AnswerSchema.ToText(reply.Text, scene.Key.Task) : reply.Text,
                Reasoning = reply.Reasoning, IsCut = reply.IsCut, Confidence = reply.Confidence,
                Tokens = reply.Tokens, ServedModel = reply.ServedModel, Attempts = log.Attempts,
                Seconds = Math.Round(watch.Elapsed.TotalSeconds, 3), Request = log.Request, Reply = log.Reply,
            }, null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (null, null);
        }
        catch (Exception failed)
        {
            // Whatever a client library throws: nothing was answered, and other questions go on.
            return (null, $"{failed.GetType().Name}: {failed.Message.ReplaceLineEndings(" ")}");
        }
    }

    private void Spend(Reply reply)
    {
        if (prices?.Of(reply.ServedModel, reply.Tokens) is { } dollars)
        {
            double before;
            do
            {
                before = _spent;
            }
            while (Interlocked.CompareExchange(ref _spent, before + dollars, before) != before);
        }
    }

    private List<ChatMessage> Messages(AskedScene scene, VisualPrompt question, List<ConversationTurn> before)
    {
        var messages = new List<ChatMessage>();
        foreach (var example in scene.Shown)
        {
            messages.Add(Ask(example));
            messages.Add(new ChatMessage(ChatRole.Assistant, example.Expert));
        }

        foreach (var exchange in before.Skip(Math.Max(0, before.Count - plan.History)))
        {
            var picture = File.ReadAllBytes(Path.Combine(folder.Path, exchange.Picture));
            messages.Add(Ask(new VisualPrompt(exchange.Prompt, picture, "")));
            messages.Add(new ChatMessage(ChatRole.Assistant, exchange.Answer));
        }

        messages.Add(Ask(question));
        return messages;
    }

    private ChatMessage Ask(VisualPrompt question)
    {
        var picture = new DataContent(question.Picture, "image/png");
        if (plan.Generation.Detail is { } detail)
        {
            picture.AdditionalProperties = new() { ["detail"] = detail };
        }

        return new ChatMessage(ChatRole.User, [picture, new TextContent(question.Prompt)]);
    }

    private ChatOptions Options(IChatClient chat, AskedScene scene, int turn)
    {
        var generation = plan.Generation;
        return new ChatOptions
        {
            Temperature = generation.Temperature, TopP = generation.TopP, MaxOutputTokens = generation.MaxTokens,
            Seed = generation.Seed + scene.Key.Repeat,
            StopSequences = generation.Stop.Count > 0 ? [.. generation.Stop] : null,
            ResponseFormat = generation.Constrain == AnswerConstraint.None || IsFolder(scene) ? null
                : AnswerSchema.FormatOf(scene.Key.Task),
            AdditionalProperties = chat.GetService<ScriptedClient>() is not null ? new()
            {
                [ScriptedClient.PlaceName] = new QuestionPlace(scene.Key.Task, scene.Key.Seed, turn, scene.Slot),
            }
            : generation.Constrain == AnswerConstraint.Answer && IsFolder(scene) ? new()
            {
                [AnswerSchema.TaskMember] = scene.Key.Task, [AnswerSchema.OptionsMember] = plan.TaskOptions,
            }
            : null,
        };
    }

    private bool IsFolder(AskedScene scene) =>
        plan.Models.First(model => model.Label == scene.Key.Model).Provider == Provider.Folder;
}
