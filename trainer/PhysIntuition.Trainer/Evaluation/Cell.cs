using System.Globalization;
using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Trainer.Evaluation;

/// <summary>One cell of the table of generalisation.</summary>
/// <param name="Model">Who answered.</param>
/// <param name="Task">What was asked.</param>
/// <param name="Split">Where scenes came from: "test", "test/tall-v1".</param>
/// <param name="Examples">Solved questions shown first.</param>
/// <param name="AdaptationSteps">Supervised steps on the task before it was asked.</param>
/// <param name="Success">Where the reward lies between a random player's, 0, and the expert's, 1.</param>
/// <param name="SuccessInterval">Half of the 95 % interval of the success.</param>
/// <param name="Result">What came out.</param>
public sealed record Cell(
    string Model, string Task, string Split, int Examples, int AdaptationSteps, double Success,
    double SuccessInterval, EvaluationResult Result)
{
    /// <summary>Names of the columns of a table of cells.</summary>
    public static string Header =>
        "model,task,split,examples,adaptation_steps,n,reward,interval_95,success,success_interval_95,as_expert,"
        + "readable,expert_reward";

    /// <summary>The task, and the suite where the scenes come from one.</summary>
    public string Column => Split == "test" ? Task : $"{Task} {Split[(Split.IndexOf('/') + 1)..]}";

    /// <summary>One line of comma-separated values in the order of <see cref="Header"/>.</summary>
    public string Csv => string.Create(CultureInfo.InvariantCulture,
        $"{RunTables.Quoted(Model)},{Task},{Split},{Examples},{AdaptationSteps},{Result.Questions},"
        + $"{Result.Reward:0.####},{Result.Interval:0.####},{Success:0.####},{SuccessInterval:0.####},"
        + $"{Result.AsExpert:0.####},{Result.Readable:0.####},{Result.ExpertReward:0.####}");

    /// <summary>One line of a table for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Model,-16} {Column,-32} {Examples,2} ex {AdaptationSteps,4} st {Result.Questions,5}  "
        + $"{Result.Reward,7:0.000} ±{Result.Interval,5:0.000}  {Success,7:0.000}  {Result.AsExpert,7:0.0 %}  "
        + $"{Result.Readable,7:0.0 %}  {Result.ExpertReward,8:0.000}");
}
