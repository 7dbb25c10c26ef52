using System.Text.Json;
using PhysIntuition.Faults;

namespace PhysIntuition.Server.Commands.Leaderboards;

/// <summary>What a player keeps of an open run: where it is and the secret that lets it answer.</summary>
/// <param name="Server">HTTP address.</param>
/// <param name="Run">Id.</param>
/// <param name="Token">Secret.</param>
internal sealed record RunFile(Uri Server, string Run, string Token)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes a new file that only its owner can read.</summary>
    public void Write(FileInfo file)
    {
        using var stream = new FileStream(file.FullName, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        JsonSerializer.Serialize(stream, this, s_json);
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
}
