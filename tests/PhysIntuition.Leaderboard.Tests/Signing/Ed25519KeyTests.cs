using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Signing;
using PhysIntuition.Leaderboard.Statistics;

namespace PhysIntuition.Leaderboard.Tests.Signing;

public sealed class Ed25519KeyTests
{
    [Fact]
    public void Sign_FirstVectorOfTheStandard_GivesItsSignature()
    {
        // RFC 8032, section 7.1, TEST 1: the empty message.
        var key = new Ed25519Key(Convert.FromHexString(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

        Assert.Equal(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            Convert.ToHexStringLower(key.PublicKey));
        Assert.Equal(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            Convert.ToHexStringLower(key.Sign([])));
    }

    [Fact]
    public void Verify_OneBitChanged_IsRefused()
    {
        var key = new Ed25519Key(new byte[32]);
        byte[] data = [1, 2, 3];
        var signature = key.Sign(data);

        Assert.True(Ed25519Key.Verify(key.PublicKey, data, signature));
        signature[10] ^= 1;
        Assert.False(Ed25519Key.Verify(key.PublicKey, data, signature));
        Assert.False(Ed25519Key.Verify(key.PublicKey, [1, 2, 4], key.Sign(data)));
    }

    [Fact]
    public void LoadOrCreate_SecondTime_FindsTheSameKeyInAPrivateFile()
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-key-").FullName;
        var path = Path.Combine(folder, "keys", "signing.key");

        var first = Ed25519Key.LoadOrCreate(path);
        var second = Ed25519Key.LoadOrCreate(path);

        Assert.Equal(first.PublicKey, second.PublicKey);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Verify_ResultFileThroughJson_HoldsUntilAScoreIsChanged()
    {
        var key = new Ed25519Key(new byte[32]);
        SceneResult[] scenes = [new(0, 1, 1, "aa", "bb"), new(1, 0, 1, "cc", "dd")];
        var file = new ResultFile
        {
            Run = "run",
            Season = "season-1",
            Commitment = new string('0', 64),
            Request = new RunRequest { Method = "m", Task = "Stability-v1", Count = 2 },
            ClosedAt = new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc),
            OpenedAt = default,
            Provenance = "{}",
            Score = Interval.Of([1, 0]),
            Scenes = scenes,
            Answers = [new Answer(0, 0, "yes", 0.9), new Answer(1, 0, "no", double.NaN)],
        }.SignedBy(key);

        var read = ResultFile.Parse(file.ToJson());
        var forged = read with { Scenes = [scenes[0], scenes[1] with { Reward = 1 }] };

        Assert.Empty(read.Verify(Convert.ToHexStringLower(key.PublicKey)));
        Assert.Equal(2, forged.Verify().Count);
        Assert.Single(read.Verify(new string('a', 64)));
    }
}
