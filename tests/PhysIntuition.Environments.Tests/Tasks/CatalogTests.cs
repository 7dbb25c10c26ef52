using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Tasks;

public sealed class CatalogTests
{
    [Fact]
    public void Find_TaskWithALetterMissing_NamesTheOneThatWasMeant()
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => TaskCatalog.Find("Stabilty-v1"));

        Assert.EndsWith("Did you mean 'Stability-v1'?", fault.Message);
    }

    [Theory]
    [InlineData("tset", "test")]
    [InlineData("tal-v1", "tall-v1")]
    [InlineData("test/tal-v1", "tall-v1")]
    public void Find_SplitOrSuiteThatIsNearlyOne_NamesTheOneThatWasMeant(string name, string meant)
    {
        var spec = TaskCatalog.Find("Stability-v1").Spec;

        var fault = Assert.Throws<PhysIntuitionException>(() => SuiteCatalog.Find(spec, name));

        Assert.EndsWith($"Did you mean '{meant}'?", fault.Message);
    }
}
