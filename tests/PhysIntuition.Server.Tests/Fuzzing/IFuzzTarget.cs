namespace PhysIntuition.Server.Tests.Fuzzing;

/// <summary>A parser, and whatever stands behind it, that must survive any bytes.</summary>
internal interface IFuzzTarget
{
    /// <summary>Good inputs to start from.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Feeds one input; throws whatever the parser must not throw, and swallows what it may.</summary>
    Task FeedAsync(byte[] input);
}
