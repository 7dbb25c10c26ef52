using PhysIntuition.Trainer.Training;

namespace PhysIntuition.Trainer.Testing;

/// <summary>The processes that mpirun started with this one, or this one alone; left once the tests are over.</summary>
public sealed class Together : IDisposable
{
    internal ProcessGroup Group { get; } = ProcessGroup.Open();

    public void Dispose() => Group.Leave();
}

/// <summary>Tests that hold in a process alone and, started by mpirun, in each of several that take part.</summary>
[CollectionDefinition(Name)]
public sealed class TogetherTests : ICollectionFixture<Together>
{
    public const string Name = "together";
}
