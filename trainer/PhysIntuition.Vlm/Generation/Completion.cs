namespace PhysIntuition.Vlm.Generation;

/// <summary>What a model wrote.</summary>
/// <param name="TokenIds">Tokens, the stop token included if there is one.</param>
/// <param name="LogProbabilities">
/// log p of each token under the model at the sampling temperature (1 when greedy), before any filter.
/// </param>
/// <param name="IsStopped">Ended by a stop token rather than by the limit.</param>
public sealed record Completion(int[] TokenIds, float[] LogProbabilities, bool IsStopped);
