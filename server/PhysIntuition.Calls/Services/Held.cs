using PhysIntuition.Server.Batches;

namespace PhysIntuition.Server.Services;

/// <summary>A reply and the memory that it points into, held until whoever sends it disposes of it.</summary>
/// <param name="Message">The reply.</param>
/// <param name="ReplyBuffer">The memory; null: the reply points nowhere.</param>
internal readonly record struct Held<T>(T Message, ReplyBuffer? ReplyBuffer = null) : IDisposable
{
    public void Dispose() => ReplyBuffer?.Release();
}
