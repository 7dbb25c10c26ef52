using System.Runtime.InteropServices;
using PhysIntuition.Environments.Observations;

namespace PhysIntuition.Server.Services;

/// <summary>Scores answers without an environment.</summary>
internal sealed class ScoreWork(
    WorkShare share, ScoreRequest request, LimitOptions limits, ISimulator simulator, CancellationToken cancellation)
    : Work<ScoreReply>(new WorkLane(share), request.Seeds.Count, cancellation)
{
    private ScoreJob? _job;
    private ScoreReply _reply = new();

    public override IPendingWorlds Begin()
    {
        var task = TaskCatalog.Find(request.Task);
        var choice = Splits.Parse(request.Split, task.Spec);
        if (choice.Split == Split.Heldout)
        {
            Throw.NotAllowed("split", "WITHHELD",
                "'split' is 'heldout', whose rewards are withheld. Score on train, val or test.");
        }

        CheckCount("seeds", request.Seeds.Count);
        CheckCount("turns", request.Turns.Sum(static count => (long)count));
        CheckObserve(task.Spec);
        var options = new BatchOptions
        {
            Task = choice.Apply(OptionsReader.Read(task.Spec, request.OptionsJson)),
            Split = choice.Split,
        };
        ulong[] seeds = [.. request.Seeds];
        int[] turns = [.. request.Turns.Select(static count => (int)count)];
        return _job = new ScoreJob(task, options, seeds, ReadActions(task.Spec), simulator, turns);
    }

    public override void Finish()
    {
        var rewards = new float[_job!.Rewards.Length];
        for (var i = 0; i < rewards.Length; i++)
        {
            rewards[i] = (float)_job.Rewards[i];
        }

        _reply = new ScoreReply { Rewards = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(rewards)) };
        foreach (var name in request.Observe?.Names ?? [])
        {
            _reply.Observations.Add(name == "info" ? Info() : Seeds());
        }
    }

    protected override ScoreReply Answer() => _reply;

    private void CheckCount(string field, long count)
    {
        if (count > limits.MaxScoreAnswers)
        {
            Throw.OutOfRange(field, $"{count} {(field == "seeds" ? "entries" : "answers")}",
                $"at most {limits.MaxScoreAnswers} are allowed",
                $"Send several requests, or raise {LimitOptions.Section}:{nameof(limits.MaxScoreAnswers)}.");
        }
    }

    private void CheckObserve(TaskSpec task)
    {
        foreach (var name in request.Observe?.Names ?? [])
        {
            if (name is not ("info" or "seed"))
            {
                Throw.OutOfRange("observe.names", name, "Score offers info and seed",
                    $"Ask StreamDataset for pictures and prompts of {task.Id}.");
            }
        }
    }

    private SlotAction[] ReadActions(TaskSpec task)
    {
        var count = request.Turns.Count == 0 ? request.Seeds.Count : request.Turns.Sum(static turns => (int)turns);
        switch (request.ActionsCase)
        {
            case ScoreRequest.ActionsOneofCase.Texts:
                return ReadTexts(count);
            case ScoreRequest.ActionsOneofCase.Numbers:
                return ReadNumbers(count, task.Answer.Count);
            default:
                Throw.OutOfRange("actions", "absent", "either numbers or texts must be set", "Send one of them.");
                return [];
        }
    }

    private SlotAction[] ReadTexts(int count)
    {
        var answers = request.Texts.Answers;
        if (answers.Count != count)
        {
            Throw.WrongLength("texts.answers", answers.Count, count, "entries",
                request.Turns.Count == 0 ? $"{count} seeds" : $"{count} answers in 'turns'");
        }

        for (var i = 0; i < count; i++)
        {
            if (Encoding.UTF8.GetByteCount(answers[i]) > limits.MaxTextBytes)
            {
                Throw.OutOfRange($"texts.answers[{i}]", $"{Encoding.UTF8.GetByteCount(answers[i])} bytes",
                    $"must be at most {limits.MaxTextBytes}",
                    $"Shorten it, or raise {LimitOptions.Section}:{nameof(limits.MaxTextBytes)}.");
            }
        }

        return [.. answers.Select(SlotAction.OfText)];
    }

    private SlotAction[] ReadNumbers(int count, int size)
    {
        var source = MemoryMarshal.Cast<byte, float>(request.Numbers.Span);
        if (request.Numbers.Length != count * size * sizeof(float))
        {
            Throw.WrongLength("numbers", request.Numbers.Length, (long)count * size * sizeof(float), "bytes",
                $"float32[{count}, {size}]");
        }

        var numbers = new double[count * size];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = source[i];
        }

        return [.. Enumerable.Range(0, count).Select(i => new SlotAction(null, numbers.AsMemory(i * size, size)))];
    }

    private Observation Info()
    {
        var texts = new Texts();
        for (var i = 0; i < _job!.Rewards.Length; i++)
        {
            texts.Values.Add(SlotInfo.Text(_job.ParseErrors[i], _job.Verdicts[i], _job.Distances[i]));
        }

        return new Observation { Name = "info", Texts = texts };
    }

    private Observation Seeds()
    {
        ulong[] seeds = [.. request.Seeds];
        return new Observation
        {
            Name = "seed",
            Tensor = new Tensor
            {
                Type = DataType.Uint64,
                Shape = { (uint)seeds.Length },
                Data = ByteString.CopyFrom(MemoryMarshal.AsBytes<ulong>(seeds)),
            },
        };
    }
}
