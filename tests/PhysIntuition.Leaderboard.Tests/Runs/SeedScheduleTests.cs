using PhysIntuition.Leaderboard.Runs;

namespace PhysIntuition.Leaderboard.Tests.Runs;

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
