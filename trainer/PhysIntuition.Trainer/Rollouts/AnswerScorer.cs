using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What a policy thinks of given answers, token by token, without padding.</summary>
/// <param name="LogProbs">[all tokens of all answers], in order.</param>
/// <param name="Values">Likewise, the value head's; null without one.</param>
/// <param name="Entropies">Likewise, without gradient.</param>
public sealed record AnswerScores(Tensor LogProbs, Tensor? Values, Tensor Entropies);

/// <summary>Runs each prompt with its answer as one sequence, so that states as well as scores can be had.</summary>
public static class AnswerScorer
{
    /// <summary>Scores one answer per prompt.</summary>
    /// <param name="policy">Whose model and value head are asked.</param>
    /// <param name="prompts">Up to where the answers begin; a prompt with several answers stands several times.</param>
    /// <param name="answers">Token ids, none empty.</param>
    /// <param name="temperature">What sampling used.</param>
    public static AnswerScores Score(
        Policy policy, IReadOnlyList<EncodedChat> prompts, IReadOnlyList<int[]> answers, double temperature)
    {
        var whole = prompts.Zip(answers, (prompt, answer) => prompt with
        {
            Ids = [.. prompt.Ids, .. answer], IsAnswer = [.. prompt.IsAnswer, .. answer.Select(_ => true)],
        }).ToArray();
        var (batch, pixels) = policy.Batch(whole);
        using var owned = batch;
        using var ownedPixels = pixels;

        // Sequences end together, so row r's answer takes the last places; each token is predicted one place before.
        long[] places = [.. answers.SelectMany((answer, row) => Enumerable.Range(0, answer.Length)
            .Select(i => ((long)row * batch.Length) + batch.Length - answer.Length + i - 1))];
        long[] targets = [.. answers.SelectMany(answer => answer).Select(id => (long)id)];
        var device = policy.Model.Device;
        var states = policy.Model.States(batch);                                       // [answer, place, hidden]
        var predicting = states.reshape(-1, states.shape[2])
            .index_select(0, tensor(places, [places.Length], device: device));         // [token, hidden]
        var scores = TokenScores.Of(
            policy.Model, predicting, tensor(targets, [targets.Length], device: device), temperature);
        return new AnswerScores(scores.LogProbabilities, policy.ValueHead?.Of(predicting), scores.Entropies);
    }
}
