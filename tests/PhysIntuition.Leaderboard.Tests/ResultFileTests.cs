using System.Text.Json;

namespace PhysIntuition.Leaderboard.Tests;

public sealed class ResultFileTests : IDisposable
{
    // The server that wrote the files of form 1.
    private const string FirstKey = "2288fb3888a3ca7085584780adeafbc7d30dbde9306d2cedac003d4578b40119";

    private readonly Ed25519Key _key = new(new byte[32]);
    private readonly RunResult _result = new()
    {
        Run = "run",
        Season = "season-1",
        Commitment = new string('0', 64),
        Request = new RunSpec { Method = "größer > <b>", Task = "Stability-v1", Count = 2 },
        OpenedAt = default,
        ClosedAt = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc),
        Provenance = "{}",
        Score = Interval.Of([1, 0]),
        Scenes = [new(0, 1, 1, "aa", "bb"), new(1, 0, 1, "cc", "dd")],
        Answers = [new SceneAnswer(0, 0, "yes", 0.9), new SceneAnswer(1, 0, "no", double.NaN)],
    };

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Verify_FileThroughText_HoldsForItsKeyAlone()
    {
        var read = ResultFile.Parse(ResultFile.Sign(_result, _key).Json);

        Assert.Empty(read.Verify(Convert.ToHexString(_key.PublicKey)));
        Assert.Equivalent(_result, read.Result);
        Assert.Contains("the trusted one is", Assert.Single(read.Verify(new string('a', 64))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_AnySignedByteChanged_IsRefused()
    {
        var json = ResultFile.Sign(_result, _key).Json;
        string[] changes =
        [
            json.Replace("\"reward\": 0", "\"reward\": 1", StringComparison.Ordinal),
            json.Replace("\"count\": 2", "\"count\":  2", StringComparison.Ordinal), // The bytes, not what they mean.
            json.Replace("season-1", "season-2", StringComparison.Ordinal),
        ];

        Assert.All(changes, changed =>
        {
            Assert.NotEqual(json, changed);
            Assert.Contains("does not fit", ResultFile.Parse(changed).Verify()[0], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Verify_ScoreThatTheScenesDoNotGive_IsAFaultWhoeverSigned()
    {
        var forged = ResultFile.Sign(_result with { Score = Interval.Of([1, 1]) }, _key);

        Assert.Contains("its scenes give", Assert.Single(forged.Verify()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("result-format-1.json")]
    [InlineData("ResultFile.Sign")]
    public void Parse_FieldThatNoResultHasOrThatStandsTwice_IsRefused(string name)
    {
        var json = name.EndsWith(".json", StringComparison.Ordinal) ? Read(name) : ResultFile.Sign(_result, _key).Json;
        foreach (var place in new[] { "{", "\"request\": {", "\"score\": {" })
        {
            var added = Insert(json, place, "\"rank\": 1,");
            var doubled = Insert(Insert(json, place, "\"task\": \"a\","), place, "\"task\": \"b\",");

            Assert.Throws<JsonException>(() => ResultFile.Parse(added));
            Assert.Throws<JsonException>(() => ResultFile.Parse(doubled));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"format\": 3}")]
    [InlineData("{\"format\": 2, \"publicKey\": \"\", \"signature\": \"\", \"result\": null}")]
    [InlineData("{\"format\": 1, \"scenes\": null}")]
    public void Parse_NoResultFile_IsRefused(string json) =>
        Assert.ThrowsAny<JsonException>(() => ResultFile.Parse(json));

    [Fact]
    public void Verify_FileOfFormOne_StillHoldsAndStillSeesAChange()
    {
        var json = Read("result-format-1.json");

        Assert.Empty(ResultFile.Parse(json).Verify(FirstKey));
        foreach (var (old, changed) in new[]
        {
            ("1.6793210087566575", "1.6793210087566576"), ("\"high\": 2.2149", "\"high\": 2.3149"),
            ("\"kind\": \"Agent\"", "\"kind\": \"Human\""),
        })
        {
            var forged = json.Replace(old, changed, StringComparison.Ordinal);
            Assert.NotEqual(json, forged);
            Assert.Contains("does not fit", ResultFile.Parse(forged).Verify()[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Archive_OfFormOne_IsReadAndWrittenAnewWithoutBreakingASignature()
    {
        var read = ResultArchive.Parse(Read("archive-format-1.json"), "archive");
        var again = ResultArchive.Parse(read.ToJson(), "again");

        Assert.Equal(2, read.Results.Count);
        Assert.All(read.Results.Concat(again.Results), result => Assert.Empty(result.Verify(FirstKey)));
    }

    [Fact]
    public void Archive_OfAnyResult_KeepsItsBytes()
    {
        var file = ResultFile.Sign(_result, _key);
        var season = new Season("season-1", new string('0', 64), "", default, ClosedAt: null);

        var read = ResultArchive.Parse(new ResultArchive([season], [file]).ToJson(), "archive");

        Assert.Empty(Assert.Single(read.Results).Verify(file.PublicKey));
        Assert.Equal(file.Json.Trim(), read.Results[0].Json);
        Assert.Equal(season, Assert.Single(read.Seasons));
    }

    private static string Insert(string json, string place, string text) =>
        json.Insert(json.IndexOf(place, StringComparison.Ordinal) + place.Length, text);

    private static string Read(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Files", name));
}
