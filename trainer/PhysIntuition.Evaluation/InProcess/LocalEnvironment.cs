using PhysIntuition.Client;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Players;
using PhysIntuition.Evaluation.Models;
using PhysIntuition.Rendering;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Simulation.Random;
using PhysIntuition.V1;

namespace PhysIntuition.Evaluation.InProcess;

/// <summary>An environment in this process, into whose scenes scripted players may look.</summary>
internal sealed class LocalEnvironment(
    Func<RunRequest, CancellationToken, Task<RunReply>> call, TaskInfo task, EnvironmentInfo info,
    HostedEnvironment hosted, Scheduler scheduler) : RemoteEnvironment(call, task, info, shared: null)
{
    /// <summary>What a scripted player answers, as text.</summary>
    /// <exception cref="NotSupportedException">The player has no rule for the task.</exception>
    public string Play(IPlayer player, QuestionPlace place, int pictureSize)
    {
        var work = new PlayWork(hosted, player, place, pictureSize);
        scheduler.RunOrSubmit(work);
        return work.Reply.GetAwaiter().GetResult();
    }

    // In the environment's lane: nothing else moves its batch meanwhile.
    private sealed class PlayWork(HostedEnvironment hosted, IPlayer player, QuestionPlace place, int pictureSize)
        : Work<string>(hosted.Lane, 1, CancellationToken.None)
    {
        private string _answer = "";

        public override IPendingWorlds? Begin() => null;

        public override void Finish()
        {
            var batch = hosted.Batch;
            Picture? picture = null;
            if (player.NeedsPicture)
            {
                picture = new Picture(pictureSize, pictureSize);
                batch.View.Render([place.Slot], new FrameFormat(pictureSize, pictureSize),
                    new FrameBuffers { Rgb = picture.Rgb });
            }

            var random = new RandomStream(place.Seed, (ulong)place.Turn);
            var answer = player.Answer(batch.Task, batch.EpisodeFor(place.Slot), picture, random);
            _answer = answer.IsLegal
                ? AnswerText.Write(answer, batch.Task.Spec.Answer, batch.EpisodeFor(place.Slot).Options.Form)
                : throw new NotSupportedException($"The player '{player.Name}' does not play {place.Task}.");
        }

        protected override string Answer() => _answer;
    }
}
