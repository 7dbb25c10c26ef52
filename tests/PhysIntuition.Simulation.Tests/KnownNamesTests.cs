namespace PhysIntuition.Faults;

public sealed class KnownNamesTests
{
    private static readonly string[] s_known = ["train", "val", "test", "Stability-v1", "PyramidStability-v1"];

    [Theory]
    [InlineData("tset", "test")]
    [InlineData("tests", "test")]
    [InlineData("vla", "val")]
    [InlineData("stability-v1", "Stability-v1")]
    [InlineData("Stabilty-v1", "Stability-v1")]
    [InlineData("Balance-v1", null)]
    [InlineData("", null)]
    public void Near_AName_IsTheOneThatWasProbablyMeant(string name, string? meant) =>
        Assert.Equal(meant, KnownNames.Near(name, s_known));

    [Fact]
    public void Unknown_ANearName_SaysFieldValueMeaningAndChoice() => Assert.Equal(
        "'--split' is 'tset', which is unknown. Did you mean 'test'? There is train, val, test.",
        KnownNames.Unknown("--split", "tset", s_known[..3]).Message);
}
