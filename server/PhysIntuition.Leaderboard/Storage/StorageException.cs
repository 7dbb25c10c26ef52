namespace PhysIntuition.Leaderboard.Storage;

/// <summary>The database refused or is gone; the message names it and what it said.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
