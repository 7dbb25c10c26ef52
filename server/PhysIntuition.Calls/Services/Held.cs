using PhysIntuition.Server.Batches;

namespace PhysIntuition.Server.Services;

/// <summary>A reply and the memory that it points into, held until whoever sends it disposes of it.</summary>
/// <param name="Message">The reply.</param>
/// <param name="Page">The memory; null: the reply points nowhere.</param>
internal readonly record struct Held<T>(T Message, Page? Page = null) : IDisposable
{
    public void Dispose() => Page?.Release();
}
