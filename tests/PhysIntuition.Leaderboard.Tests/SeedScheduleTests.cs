namespace PhysIntuition.Leaderboard.Tests;

public sealed class SeedScheduleTests
{
    [Fact]
    public void Commit_AnySecret_IsWhatSha256SumPrints()
    {
        // FIPS 180-4's one-block example: SHA-256("abc"); 616263 are its bytes.
        Assert.Equal(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", SeedSchedule.Commit("616263"));
    }

    [Fact]
    public void Seed_OtherSecretTaskOptionsOrScene_IsAnotherSeed()
    {
        var secret = SeedSchedule.NewSecret();
        ulong[] seeds =
        [
            SeedSchedule.Seed(secret, "Stability-v1", "", "run", 0, 0),
            SeedSchedule.Seed(secret, "Stability-v1", "", "run", 1, 0),
            SeedSchedule.Seed(secret, "Offset-v1", "", "run", 0, 0),
            SeedSchedule.Seed(secret, "Stability-v1", "{}", "run", 0, 0),
            SeedSchedule.Seed(SeedSchedule.NewSecret(), "Stability-v1", "", "run", 0, 0),
        ];

        Assert.Equal(seeds.Length, seeds.Distinct().Count());
        Assert.Equal(seeds[0], SeedSchedule.Seed(secret, "Stability-v1", "", "run", 0, 0));
        Assert.InRange(SeedSchedule.Seed(secret, "Stability-v1", "", "run", 0, seedCount: 10), 0ul, 9ul);
    }

    [Fact]
    public void Seed_OfAnotherRun_IsTheSameOnlyForCommonScenes()
    {
        var secret = SeedSchedule.NewSecret();

        for (var scene = 0; scene < 6; scene++)
        {
            var first = SeedSchedule.Seed(secret, "Stability-v1", "", "first", scene, 0);
            var second = SeedSchedule.Seed(secret, "Stability-v1", "", "second", scene, 0);
            Assert.Equal(SeedSchedule.IsCommon(scene, sharesScenes: true), first == second);
            Assert.NotEqual(
                SeedSchedule.Seed(secret, "Stability-v1", "", "first", scene, 0, sharesScenes: false),
                SeedSchedule.Seed(secret, "Stability-v1", "", "second", scene, 0, sharesScenes: false));
        }
    }
}

/// <summary>Held-out seeds that another program computed: HMAC-SHA-256 of RFC 2104, its first eight bytes.</summary>
public sealed class SeedVectorTests
{
    // The bytes 0 to 31; computed with Python's hmac and hashlib.
    private const string Secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    [Theory]
    [InlineData("Stability-v1", "", "r1", 0, true, 4844228435188410398)]
    [InlineData("Stability-v1", "", "r1", 1, true, 13823580762420949224)]
    [InlineData("Stability-v1", "", "r2", 1, true, 13823580762420949224)]   // a common scene
    [InlineData("Offset-v1", """{"reward":"physical"}""", "r1", 1, false, 9223536769783756977)]
    public void Seed_KnownSecret_IsTheSameForEver(
        string board, string options, string run, int scene, bool sharesScenes, ulong seed)
    {
        Assert.Equal(seed, SeedSchedule.Seed(Secret, board, options, run, scene, seedCount: 0, sharesScenes));
        Assert.Equal(seed % 1000, SeedSchedule.Seed(Secret, board, options, run, scene, seedCount: 1000, sharesScenes));
    }

    [Fact]
    public void Commit_KnownSecret_IsItsSha256() => Assert.Equal(
        "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd", SeedSchedule.Commit(Secret));

    [Theory]
    [InlineData(Secret, true)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", true)]
    [InlineData("", false)]
    [InlineData(Secret + "00", false)]
    [InlineData("g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", false)]
    public void IsSecret_Text_IsSixtyFourHexadecimalDigits(string text, bool isSecret) =>
        Assert.Equal(isSecret, SeedSchedule.IsSecret(text));

    [Fact]
    public void NewSecret_AnyTwo_DifferAndAreSecrets()
    {
        string[] secrets = [.. Enumerable.Range(0, 20).Select(_ => SeedSchedule.NewSecret())];

        Assert.Equal(20, secrets.Distinct().Count());
        Assert.All(secrets, secret => Assert.True(SeedSchedule.IsSecret(secret)));
    }
}
