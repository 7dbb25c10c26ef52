namespace PhysIntuition.Evaluation.Runs;

/// <summary>Scenes of one task and split in one environment, each answered at its own pace.</summary>
/// <remarks>Answers that come while others are being scored wait, and are scored together.</remarks>
public sealed class ConversationBatch : IAsyncDisposable
{
    private readonly IEnvironment _environment;
    private readonly Observe _after;
    private readonly Lock _gate = new();
    private readonly List<(int Slot, string Answer, TaskCompletionSource<JudgedAnswer> Verdict)> _waiting = [];
    private bool _isScoring;

    private ConversationBatch(
        IEnvironment environment, Observe after, VisualPrompt[] questions, double[] experts)
    {
        (_environment, _after, Questions, ExpertReturns) = (environment, after, questions, experts);
    }

    /// <summary>The task's manual page.</summary>
    public TaskInfo Task => _environment.Task;

    /// <summary>The environment, for players that look into it.</summary>
    public IEnvironment Environment => _environment;

    /// <summary>The first question of every scene.</summary>
    public IReadOnlyList<VisualPrompt> Questions { get; }

    /// <summary>What the expert earns in every scene, all turns together.</summary>
    public IReadOnlyList<double> ExpertReturns { get; }

    /// <summary>Arranges, settles and draws scenes, and plays them as the expert does.</summary>
    /// <param name="client">Where environments run.</param>
    /// <param name="settings">Task, split and options.</param>
    /// <param name="seeds">The scenes' seeds.</param>
    /// <param name="size">Pixels along a picture's side.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ConversationBatch> OpenAsync(
        IEnvironmentClient client, EnvironmentSettings settings, IReadOnlyList<ulong> seeds, int size,
        CancellationToken cancellation)
    {
        var observe = new Observe("rgb", "prompt", "expert")
        {
            Width = size, Height = size, Encoding = PictureEncoding.Png,
        };

        // Observes nothing unless asked, so that the copy for the expert is not drawn, too.
        var environment = await client.CreateAsync(settings with
        {
            Slots = seeds.Count, Autoreset = AutoresetMode.Disabled, Observe = null,
        }, cancellation).ConfigureAwait(false);
        var reset = await environment.ResetAsync(
            new ResetSettings { Seeds = seeds, Observe = observe }, cancellation).ConfigureAwait(false);
        VisualPrompt[] questions = [.. Read(reset.Observations)];
        double[] experts = await PlayExpertAsync(environment, questions, cancellation).ConfigureAwait(false);

        // Where no question can follow an answer, nothing is drawn: that would be most of what an answer costs.
        var after = environment.MaxSteps == 1
            ? new Observe("info")
            : observe with { Names = [.. observe.Names, "info"] };
        return new ConversationBatch(environment, after, questions, experts);
    }

    /// <summary>Answers one scene.</summary>
    /// <param name="slot">Its place.</param>
    /// <param name="answer">What was written.</param>
    public Task<JudgedAnswer> AnswerAsync(int slot, string answer)
    {
        var verdict = new TaskCompletionSource<JudgedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((slot, answer, verdict));
            if (_isScoring)
            {
                return verdict.Task;
            }

            _isScoring = true;
        }

        _ = System.Threading.Tasks.Task.Run(ScoreAsync);
        return verdict.Task;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _environment.DisposeAsync();

    private async Task ScoreAsync()
    {
        while (true)
        {
            (int Slot, string Answer, TaskCompletionSource<JudgedAnswer> Verdict)[] now;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _isScoring = false;
                    return;
                }

                now = [.. _waiting.OrderBy(item => item.Slot)];
                _waiting.Clear();
            }

            try
            {
                await ScoreAsync(now).ConfigureAwait(false);
            }
            catch (Exception failed)
            {
                foreach (var item in now)
                {
                    item.Verdict.TrySetException(failed);
                }
            }
        }
    }

    private async Task ScoreAsync((int Slot, string Answer, TaskCompletionSource<JudgedAnswer> Verdict)[] answers)
    {
        var mask = new bool[_environment.Slots];
        foreach (var item in answers)
        {
            mask[item.Slot] = true;
        }

        var step = await _environment.StepAsync([.. answers.Select(item => item.Answer)],
            new StepSettings { Mask = mask, Observe = _after }).ConfigureAwait(false);
        VisualPrompt?[] questions = _after.Names.Contains("rgb")
            ? [.. Read(step.Observations)]
            : new VisualPrompt[answers.Length];
        var infos = step.Observations["info"].Texts;
        for (var row = 0; row < answers.Length; row++)
        {
            using var info = JsonDocument.Parse(infos[row]);
            answers[row].Verdict.SetResult(new JudgedAnswer(
                step.Rewards[row], step.Terminated[row] || step.Truncated[row],
                Text(info, "verdict"), Text(info, "parse_error"), questions[row]));
        }

        static string? Text(JsonDocument info, string name) =>
            info.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString() : null;
    }

    private static IEnumerable<VisualPrompt> Read(Observations seen)
    {
        var (pictures, prompts, experts) = (seen["rgb"].Files, seen["prompt"].Texts, seen["expert"].Texts);
        return prompts.Select((prompt, row) => new VisualPrompt(prompt, pictures[row], experts[row]));
    }

    /// <summary>Plays copies of the scenes, so that the scenes themselves stay at their first question.</summary>
    private static async Task<double[]> PlayExpertAsync(
        IEnvironment environment, VisualPrompt[] questions, CancellationToken cancellation)
    {
        await using var copy = await environment.ForkAsync(cancellation: cancellation).ConfigureAwait(false);
        var returns = new double[questions.Length];
        bool[] open = [.. questions.Select(_ => true)];
        string[] answers = [.. questions.Select(question => question.Expert)];
        while (open.Contains(true))
        {
            int[] rows = [.. Enumerable.Range(0, open.Length).Where(slot => open[slot])];
            var step = await copy.StepAsync([.. rows.Select(slot => answers[slot])],
                new StepSettings { Mask = open, Observe = new Observe("expert") }, cancellation).ConfigureAwait(false);
            var next = step.Observations["expert"].Texts;
            for (var row = 0; row < rows.Length; row++)
            {
                returns[rows[row]] += step.Rewards[row];
                answers[rows[row]] = next[row];
                open[rows[row]] = !step.Terminated[row] && !step.Truncated[row];
            }
        }

        return returns;
    }
}

/// <summary>What a model is asked.</summary>
/// <param name="Prompt">The text.</param>
/// <param name="Picture">A PNG file.</param>
/// <param name="Expert">The best known answer, as text.</param>
public sealed record VisualPrompt(string Prompt, ReadOnlyMemory<byte> Picture, string Expert);

/// <summary>What the task says of an answer.</summary>
/// <param name="Reward">What it earned.</param>
/// <param name="IsLast">Whether the episode ended.</param>
/// <param name="Text">A sentence.</param>
/// <param name="ParseError">Why the answer could not be read.</param>
/// <param name="Next">What is asked next; null where nothing can follow an answer.</param>
public sealed record JudgedAnswer(double Reward, bool IsLast, string? Text, string? ParseError, VisualPrompt? Next);
