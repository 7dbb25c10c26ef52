using System.Text.Json;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Server.Pages;

/// <summary>A task in the list.</summary>
/// <param name="Id">Name and version.</param>
/// <param name="Summary">A sentence.</param>
/// <param name="Answer">What an answer consists of.</param>
/// <param name="Form">How an answer is written.</param>
/// <param name="MaxSteps">Steps of an episode at most, with default options.</param>
/// <param name="AsksOnce">Whether all steps answer one question, so that options give more attempts, and tries.</param>
/// <param name="Reward">Lowest and highest of one step.</param>
/// <param name="Anchors">Mean reward of a random and of a perfect player.</param>
/// <param name="HasScenes">Whether its pictures are drawn from scenes.</param>
/// <param name="Observations">What may be seen.</param>
/// <param name="Splits">Families of scenes.</param>
/// <param name="Suites">Shifted distributions.</param>
/// <param name="IsReady">Whether this server has what it takes to show it.</param>
internal sealed record TaskSummary(
    string Id, string Summary, IReadOnlyList<AnswerAxis> Answer, string Form, int MaxSteps, bool AsksOnce,
    RewardRange Reward,
    RewardAnchors Anchors, bool HasScenes, string[] Observations, string[] Splits, SuiteSummary[] Suites, bool IsReady);

/// <summary>A shifted distribution.</summary>
/// <param name="Name">Wire spelling.</param>
/// <param name="Axis">What is shifted.</param>
/// <param name="Summary">A sentence.</param>
internal sealed record SuiteSummary(string Name, string Axis, string Summary);

/// <summary>A task's options.</summary>
/// <param name="Id">The task.</param>
/// <param name="Defaults">All of them, at their defaults.</param>
/// <param name="Schema">JSON Schema.</param>
internal sealed record TaskOptionsInfo(string Id, JsonElement Defaults, JsonElement Schema);
