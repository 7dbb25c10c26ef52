using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests;

public sealed class OutcomeFilmTests
{
    private const int Side = 48, Size = Side * Side * 3;

    private static readonly ITask s_stability = TaskCatalog.Find("Stability-v1");

    private static readonly OutcomeFilm s_film = new(Given.Simulator, Given.Renderer);

    [Fact]
    public void Draw_Film_BeginsWithTheQuestion()
    {
        var batch = new EnvironmentBatch(s_stability, new BatchOptions(), Given.Simulator, Given.Renderer);
        batch.Reset(5UL);
        var question = new byte[Size];
        batch.View.Render([0], new FrameFormat(Side, Side), new FrameBuffers { Rgb = question });

        var (frames, _) = s_film.Draw(s_stability, Short(5));

        Assert.Equal(question, frames[..Size]);
        Assert.Equal(5 + 30, frames.Length / Size);   // half a second of question, three seconds of film
    }

    [Fact]
    public void Draw_TowersThatFallOrStand_MoveOrStayAccordingly()
    {
        for (ulong seed = 0; seed < 8; seed++)
        {
            var batch = new EnvironmentBatch(s_stability, new BatchOptions(), Given.Simulator);
            batch.Reset(seed);
            var falls = batch.View.Episode(0).State.IsYes;

            var (frames, reward) = s_film.Draw(s_stability, Short(seed));

            var changed = frames[..Size].Zip(frames[^Size..]).Count(pair => Math.Abs(pair.First - pair.Second) > 40);
            Assert.Equal(falls, changed > Size / 100);
            Assert.Equal(1.0, reward);
        }
    }

    [Fact]
    public void Draw_AnyTask_GivesAFilm()
    {
        foreach (var task in TaskCatalog.All.Where(task => task is not IPictureTask))
        {
            var (frames, _) = s_film.Draw(task, Short(1) with { Seconds = 0.5f });

            Assert.Equal((5 + 5) * Size, frames.Length);
        }
    }

    [Fact]
    public void Draw_FirstOfSeveralAttempts_ShowsWhereItPutTheBlock()
    {
        var (frames, _) = s_film.Draw(TaskCatalog.Find("OffsetRetry-v1"), Short(1) with { Seconds = 0.5f });

        Assert.NotEqual(frames[..Size], frames[^Size..]);
    }

    [Fact]
    public void DrawAll_SeveralEpisodes_AreTheFilmsOfEach()
    {
        var short1 = Short(0) with { Seconds = 0.5f };
        string[][] answers = [["<answer>yes</answer>"], ["<answer>no</answer>"], ["nothing"]];

        var together = s_film.DrawAll(s_stability, short1, [4, 9, 2], answers);

        byte[] apart = [.. new ulong[] { 4, 9, 2 }.SelectMany((seed, i) =>
            s_film.Draw(s_stability, short1 with { Seed = seed, Answer = answers[i][0] }).Frames)];
        Assert.Equal(apart, together);
    }

    [Fact]
    public void DrawAll_EpisodesOfSeveralAnswers_ShowTheLastOfEach()
    {
        var task = TaskCatalog.Find("OffsetRetry-v1");
        var short1 = Short(1) with { Seconds = 0.5f };
        const string first = "<answer>(0, 900)</answer>", second = "<answer>(300, 900)</answer>";

        var films = s_film.DrawAll(task, short1, [1, 1, 1], [[first], [first, second], [second]]).Chunk(10 * Size)
            .ToArray();

        Assert.Equal(s_film.Draw(task, short1 with { Answer = first }).Frames, films[0]);
        Assert.Equal(films[2][(6 * Size)..], films[1][(6 * Size)..]);   // the second answer, wherever it stands
        Assert.NotEqual(films[0], films[1]);
    }

    [Fact]
    public void Draw_WrongAnswer_EarnsLess()
    {
        var right = s_film.Draw(s_stability, Short(2)).Reward;
        string[] words = ["yes", "no"];

        var rewards = words.Select(word => s_film.Draw(
            s_stability, Short(2) with { Answer = $"<answer>{word}</answer>" }).Reward).Order().ToArray();

        Assert.True(rewards[0] < rewards[1]);
        Assert.Equal(right, rewards[1]);
    }

    [Fact]
    public void Draw_WrongOptions_NameTheField()
    {
        AssertFault("seconds", Short(1) with { Seconds = 21f });
        AssertFault("fps", Short(1) with { FramesPerSecond = 0 });
        AssertFault("size", Short(1) with { Side = 8 });
        AssertFault("size", Short(1) with { Side = 1024, Seconds = 20f, FramesPerSecond = 60 });
        AssertFault("split", Short(1) with { Choice = new(Split.Heldout, null) });
    }

    private static void AssertFault(string field, FilmOptions options) =>
        Assert.Equal(field, Assert.Throws<PhysIntuitionException>(() => s_film.Draw(s_stability, options)).Field);

    private static FilmOptions Short(ulong seed) =>
        new() { Seed = seed, Seconds = 3f, FramesPerSecond = 10, Side = Side };
}
