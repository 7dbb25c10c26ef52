namespace PhysIntuition.Environments.Tasks;

/// <summary>
/// One question about the physical world. Cold, scalar, stateless code: one scene at a time, any thread.
/// A new task is one file that implements this and one line in <see cref="TaskCatalog"/>.
/// </summary>
public interface ITask
{
    /// <summary>The facts about this task.</summary>
    TaskSpec Spec { get; }

    /// <summary>Builds one candidate scene; the same draft key and candidate number give the same scene.</summary>
    /// <returns>Ready, rejected, or to be simulated and reviewed.</returns>
    BuildStep Arrange(SceneBuilder draft);

    /// <summary>Reads the simulated trials of a draft; may ask for another round.</summary>
    BuildStep Review(SceneBuilder draft) => BuildStep.Accepted;

    /// <summary>The task's question in one or two sentences, without the answer's form.</summary>
    string Question(Episode episode);

    /// <summary>What the question adds where an episode takes several answers: rules, and the earlier ones.</summary>
    string History(Episode episode) => AttemptRule.Words(this, episode);

    /// <summary>Reads a model's reply. Most tasks need no parser of their own.</summary>
    Answer Parse(ReadOnlySpan<char> text, Episode episode) => AnswerText.Read(text, Spec.Answer);

    /// <summary>Prepares the judgement of an answer: asks for simulations in the turn's trials, or for none.</summary>
    /// <remarks>Must not change the episode unless the task has several steps.</remarks>
    void Act(StepContext turn)
    {
    }

    /// <summary>Scores an answer, legal or not, once its trials are simulated.</summary>
    Verdict Judge(StepContext turn);

    /// <summary>The best known answer to an episode.</summary>
    Answer Expert(Episode episode) => episode.State.Expert;

    /// <summary>
    /// A privileged player's answer: by exact geometry and a textbook law, without simulation and without the label.
    /// </summary>
    Answer Guess(Episode episode);

    /// <summary>
    /// A player's answer by classical image processing: as <see cref="Guess"/>, from what the picture shows.
    /// </summary>
    /// <param name="picture">What an agent sees.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <returns>Null: the picture cannot be read. An answer without numbers: no picture tells enough.</returns>
    Answer? Read(Picture picture, Episode hint) => default(Answer);

    /// <summary>Where an answer of zeros puts the block that answers move, m.</summary>
    Vector3 Origin(Episode episode) => episode.State.Start;

    /// <summary>What happens next, for people to look at: asks for one simulation in the turn's trials.</summary>
    /// <remarks>Called after the judgement when that needed no simulation of its own.</remarks>
    void Consequence(StepContext turn) =>
        turn.Counterfactuals.Settle(turn.Episode.World, Settling.ToRest(turn.Episode.World));
}
