namespace PhysIntuition.Server.Commands;

/// <summary><c>tokens</c>: makes, lists and revokes API tokens; a running server follows within a second.</summary>
internal static class TokensCommand
{
    private static readonly Option<FileInfo> s_file = new("--file")
    {
        Description = "The token file, as `serve --token-file` reads it. Default: tokens.json here, where there is " +
            "one, else physintuition/tokens.json among the user's settings (XDG_CONFIG_HOME, else ~/.config).",
        DefaultValueFactory = _ => new FileInfo(FindFile()),
    };

    private static readonly Argument<string> s_name = new("name") { Description = "Who will have it." };

    private static readonly Argument<string> s_id = new("id") { Description = "As list shows it." };

    private static readonly Option<string> s_scopes = new("--scopes")
    {
        Description = "play, score, admin; separated by commas.",
        DefaultValueFactory = _ => "play,score",
    };

    private static readonly Option<double?> s_days =
        NumberOption.Optional<double>("--days", "Days until it expires.", Above(0, 36_500));

    private static readonly Option<int?> s_sessions =
        NumberOption.Optional<int>("--max-sessions", "Sessions at a time.", new(1, int.MaxValue));

    private static readonly Option<int?> s_slots =
        NumberOption.Optional<int>("--max-slots", "Slots of all environments.", new(1, int.MaxValue));

    private static readonly Option<int?> s_requests =
        NumberOption.Optional<int>("--max-requests", "Requests in flight.", new(1, int.MaxValue));

    private static readonly Option<double?> s_rate = NumberOption.Optional<double>(
        "--rate", "Requests in a second, with bursts of as many.", Above(0, int.MaxValue));

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var create = new Command("create", "Make a token; its text is shown once and stored nowhere.")
        {
            s_name, s_file, s_scopes, s_days, s_sessions, s_slots, s_requests, s_rate,
        };
        create.SetAction(CreateToken);
        var list = new Command("list", "List the tokens.") { s_file };
        list.SetAction(List);
        var revoke = new Command("revoke", "End a token at once, also for sessions that are open.") { s_id, s_file };
        revoke.SetAction(Revoke);
        return new Command("tokens", "Make, list and revoke API tokens.") { create, list, revoke };
    }

    private static int CreateToken(ParseResult arguments)
    {
        var file = arguments.GetValue(s_file)!.FullName;
        var tokens = File.Exists(file) ? TokenFile.Read(file) : [];
        var now = TimeProvider.System.GetUtcNow();
        var (made, text) = ApiToken.Create(
            arguments.GetValue(s_name)!, ScopeWords.Read(arguments.GetValue(s_scopes)!), now);
        tokens.Add(made with
        {
            Expires = arguments.GetValue(s_days) is { } days ? now.AddDays(days) : null,
            MaxSessions = arguments.GetValue(s_sessions),
            MaxSlots = arguments.GetValue(s_slots),
            MaxRequests = arguments.GetValue(s_requests),
            RequestsPerSecond = arguments.GetValue(s_rate),
        });
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        TokenFile.Write(file, tokens);
        arguments.Error().WriteLine(
            $"Token {made.Id} for '{made.Name}' with the scopes {made.Scopes} is in {file}; keep this line:");
        arguments.Out().WriteLine(text);
        return 0;
    }

    private static int List(ParseResult arguments)
    {
        var output = arguments.Out();
        output.WriteLine($"{"id",-10}{"scopes",-18}{"expires",-22}{"limits",-44}name");
        foreach (var token in TokenFile.Read(arguments.GetValue(s_file)!.FullName))
        {
            var limits = $"{Most(token.MaxSessions, "sessions")}{Most(token.MaxSlots, "slots")}" +
                $"{Most(token.MaxRequests, "requests")}{Most(token.RequestsPerSecond, "/s")}";
            output.WriteLine($"{token.Id,-10}{token.Scopes,-18}{token.Expires?.ToString("u") ?? "never",-22}" +
                $"{(limits.Length == 0 ? "the server's" : limits),-44}{token.Name}");
        }

        return 0;
    }

    private static int Revoke(ParseResult arguments)
    {
        var (file, id) = (arguments.GetValue(s_file)!.FullName, arguments.GetValue(s_id)!);
        var tokens = TokenFile.Read(file);
        if (tokens.RemoveAll(token => token.Id == id) == 0)
        {
            Throw.NotFound("id", "NOT_FOUND", $"'{file}' has no token '{id}'. `physintuition tokens list` shows them.");
        }

        TokenFile.Write(file, tokens);
        arguments.Out().WriteLine($"Token {id} is revoked.");
        return 0;
    }

    private static string Most(double? limit, string thing) => limit is null ? "" : $"{limit} {thing} ";

    private static string FindFile()
    {
        const string here = "tokens.json";

        return File.Exists(here) ? here : Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "physintuition", here);
    }

    private static WithinAttribute Above(double min, double max) => new(min, max) { IsMinExcluded = true };
}
