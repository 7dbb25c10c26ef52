namespace PhysIntuition.Server.Commands;

/// <summary>What a player keeps of an open run: where it is and the secret that lets it answer.</summary>
/// <param name="Server">HTTP address.</param>
/// <param name="Run">Id.</param>
/// <param name="Token">Secret.</param>
internal sealed record RunFile(Uri Server, string Run, string Token)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Makes a new, empty file that only its owner can read.</summary>
    /// <exception cref="PhysIntuitionException">It cannot be written there, or exists.</exception>
    public static NewRunFile Create(FileInfo file)
    {
        try
        {
            return new NewRunFile(new FileStream(file.FullName, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "file", file.Exists
                ? $"'{file.FullName}' exists already, and a run's secret is told once. Choose another name, or go on " +
                  "with 'leaderboard resume'."
                : $"'{file.FullName}' cannot be written ({wrong.Message.TrimEnd('.')}), so no run was opened. Name a " +
                  "file in a folder of yours.");
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="PhysIntuitionException">It is none.</exception>
    public static RunFile Read(FileInfo file)
    {
        try
        {
            var read = JsonSerializer.Deserialize<RunFile>(File.ReadAllText(file.FullName), s_json);
            return read is { Server: not null, Run: not null, Token: not null }
                ? read
                : throw new JsonException("A run file has server, run and token.");
        }
        catch (JsonException)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "file",
                $"'{file.FullName}' is no run file; 'leaderboard open' writes one.");
        }
    }

    /// <summary>A file that waits for its run; removed again if none was opened.</summary>
    public sealed class NewRunFile(FileStream stream) : IDisposable
    {
        private bool _isKept;

        /// <summary>Writes the run down.</summary>
        public void Keep(RunFile run)
        {
            JsonSerializer.Serialize(stream, run, s_json);
            stream.Flush(flushToDisk: true);
            _isKept = true;
        }

        public void Dispose()
        {
            stream.Dispose();
            if (!_isKept)
            {
                File.Delete(stream.Name);
            }
        }
    }
}
