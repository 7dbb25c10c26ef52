using System.Text.Json.Serialization;

namespace PhysIntuition.Server;

/// <summary>Tokens on disk: JSON, readable by its owner only, replaced as a whole.</summary>
internal static class TokenFile
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="PhysIntuitionException">It is no token file.</exception>
    public static List<ApiToken> Read(string path) => Parse(File.ReadAllText(path), path);

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="PhysIntuitionException">It is no token file.</exception>
    public static List<ApiToken> Parse(string json, string path)
    {
        try
        {
            var tokens = JsonSerializer.Deserialize<Document>(json, s_json)?.Tokens ?? throw new JsonException("null");
            foreach (var token in tokens)
            {
                Check(token);
            }

            return tokens;
        }
        catch (JsonException wrong)
        {
            throw Refuse(path, wrong.Message);
        }
        catch (PhysIntuitionException wrong)
        {
            throw Refuse(path, wrong.Message);
        }
    }

    /// <summary>Writes a file; readers see the old one or the whole new one.</summary>
    public static void Write(string path, List<ApiToken> tokens)
    {
        var partial = $"{path}.{Environment.ProcessId}.partial";
        using (var stream = new FileStream(partial, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            JsonSerializer.Serialize(stream, new Document(tokens), s_json);
        }

        File.Move(partial, path, overwrite: true);
    }

    private static void Check(ApiToken? token)
    {
        if (token is null || token.Id is not { Length: > 0 } || token.Name is null || token.Hash is null ||
            token.Scopes is null)
        {
            throw new JsonException("a token has id, name, hash and scopes.");
        }

        ScopeWords.Read(token.Scopes);
    }

    private static PhysIntuitionException Refuse(string path, string reason) => new(Fault.InvalidArgument,
        "Listen:TokenFile", $"'{path}' is no token file: {reason} Make one with `./physintuition tokens create`.");

    private sealed record Document(List<ApiToken> Tokens);
}
