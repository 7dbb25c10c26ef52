using PhysIntuition.Evaluation;
using PhysIntuition.Faults;

namespace PhysIntuition.Trainer;

/// <summary>What the table of generalisation may be asked for.</summary>
public sealed class GeneralisationTests
{
    [Theory]
    [InlineData("test")]
    [InlineData("val", "train")]
    [InlineData("test/tall-v1", "test")]
    [InlineData("test/pairs-v1")]       // of one of the two tasks: the other one leaves it out
    public void RequireKnown_SplitsThatSomeTaskHas_AreTaken(params string[] splits) => Require(splits);

    [Theory]
    [InlineData("tset", "'--split' is 'tset'", "Did you mean 'test'?")]
    [InlineData("test/tal-v1", "'--suite' is 'tal-v1'", "Did you mean 'tall-v1'?")]
    [InlineData("test/never-v1", "'--suite' is 'never-v1'", "There is ")]
    public void RequireKnown_NameThatNoTaskHas_NamesTheOneThatWasMeant(string split, string what, string hint)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => Require(["test", split]));

        Assert.Contains(what, fault.Message);
        Assert.Contains(hint, fault.Message);
    }

    private static void Require(string[] splits)
    {
        using var clients = EnvironmentClients.Open("");
        Generalisation.RequireKnown(clients, new GeneralisationOptions
        {
            Tasks = ["OffsetX-v1", "Stability-v1"], Splits = splits,
        });
    }
}
