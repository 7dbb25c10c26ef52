using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Server.Pages;

namespace PhysIntuition.Server.Commands;

/// <summary><c>serve</c>: answers clients until it is told to stop.</summary>
internal static class ServeCommand
{
    private static readonly Option<FileInfo?> s_config = new("--config")
    {
        Description = "JSON file with a section \"PhysIntuition\".",
    };

    private static readonly Option<string[]> s_set = new("--set")
    {
        Description = "A setting as Section:Key=Value, for example Limits:MaxSlots=100000. Repeatable.",
    };

    private static readonly Option<string[]> s_pictures = new("--pictures")
    {
        Description = "A folder of pictures as NAME=FOLDER, for tasks over your own pictures. Repeatable.",
    };

    // Flag -> the setting that it is short for.
    private static readonly Dictionary<Option<string?>, string> s_short = new()
    {
        [Flag("--port", "Port for gRPC; 0 takes a free one. Default 50051.")] = "Listen:Port",
        [Flag("--http-port", "Port for HTTP: OpenEnv, gRPC-Web, health, metrics. Default 8000; -1 is none.")] =
            "Listen:HttpPort",
        [Flag("--address", "IP address to bind. Default 127.0.0.1.")] = "Listen:Address",
        [Flag("--socket", "Unix domain socket for gRPC beside the port, for clients on this machine (unix:PATH).")] =
            "Listen:Socket",
        [Flag("--token-file", "File of API tokens; see `physintuition tokens`. Default: no tokens are asked for.")] =
            "Listen:TokenFile",
        [Flag("--cluster", "Join the cluster at redis://HOST:PORT or postgres://HOST/DATABASE: durable sessions.")] =
            "Cluster:Store",
        [Flag("--otlp", "Address of an OpenTelemetry receiver (OTLP over gRPC), as http://127.0.0.1:4317.")] =
            "Telemetry:OtlpEndpoint",
        [Flag("--threads", "Worker threads; 0 is one for each processor.")] = "Engine:Threads",
        [Flag("--lanes", "Vector lanes: 1, 8, 16; 0 is the widest.")] = "Engine:Lanes",
        [Flag("--render-device", "What draws: cpu, cuda or auto. Default auto: CUDA where there is one.")] =
            "Engine:RenderDevice",
    };

    private static readonly Option<LogLevel> s_log = new("--log")
    {
        Description = "Least level that is logged, to standard error.",
        DefaultValueFactory = _ => LogLevel.Information,
    };

    private static readonly Option<bool> s_json = new("--log-json")
    {
        Description = "Log one JSON object on each line, with event ids and fields.",
    };

    private static readonly Option<bool> s_settings = new("--settings")
    {
        Description = "Print all settings with their defaults, and end.",
    };

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("serve", "Serve environments over gRPC.") 
        {
            s_config, s_set, s_log, s_json, s_pictures, s_settings,
        };
        foreach (var option in s_short.Keys)
        {
            command.Options.Add(option);
        }

        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        if (arguments.GetValue(s_settings))
        {
            arguments.Out().Write(SettingsTable.Write());
            return 0;
        }

        foreach (var folder in arguments.GetValue(s_pictures) ?? [])
        {
            AddPictures(folder);
        }

        var isListening = false;
        var warming = Task.CompletedTask;
        await using var app = ServerHost.Build(
            configuration => Configuration.AddSources(configuration, arguments.GetValue(s_config), Flags(arguments)),
            services => AddLogging(services, arguments.GetValue(s_log), arguments.GetValue(s_json), () => isListening),
            services => warming = Task.Run(() => (services.GetRequiredService<IRenderer>() as CpuRenderer)?.WarmUp()));
        await ListenAsync(app, cancellation);
        isListening = true;
        await warming;   // The first picture comes at once.
        Announce(app, arguments.Out());
        _ = PageHosting.WarmUpAsync(app);
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    private static void AddPictures(string folder)
    {
        var parts = folder.Split('=', 2);
        if (parts.Length != 2 || parts[0].Length == 0)
        {
            Throw.OutOfRange("--pictures", folder, "must be NAME=FOLDER", "For example --pictures towers=my/photos.");
        }

        PictureLibrary.Add(parts[0], parts[1]);
    }

    private static async Task ListenAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception failure) when (failure.GetBaseException() is SocketException socket)
        {
            // Kestrel names the address in one case only.
            throw new IOException(socket.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"{failure.Message} Another program listens there, perhaps another server. End it, or choose other " +
                    "ports with --port and --http-port."
                : $"The server cannot listen: {socket.Message}. Choose another --address, --port or --http-port.");
        }
    }

    // One line that people and programs can read; programs take the words with '='.
    private static void Announce(WebApplication app, TextWriter output)
    {
        var server = app.Services.GetRequiredService<IServer>();
        var address = Listening.AddressOf(server);
        var http = Listening.HttpAddressOf(server)?.GetLeftPart(UriPartial.Authority) ?? "none";
        output.WriteLine(
            $"PhysIntuition listens: grpc={address.GetLeftPart(UriPartial.Authority)} port={address.Port} " +
            $"http={http} pid={Environment.ProcessId}");
        output.Flush();
    }

    private static IEnumerable<KeyValuePair<string, string?>> Flags(ParseResult arguments)
    {
        foreach (var setting in arguments.GetValue(s_set) ?? [])
        {
            yield return Configuration.ParseSetting(setting);
        }

        foreach (var (option, key) in s_short)
        {
            if (arguments.GetValue(option) is { } value)
            {
                yield return KeyValuePair.Create(key, (string?)value);
            }
        }
    }

    private static void AddLogging(
        IServiceCollection services, LogLevel level, bool isJson, Func<bool> isListening) =>
        services.AddLogging(logging =>
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", level > LogLevel.Warning ? level : LogLevel.Warning);
        // Why it does not start is said by whoever started it, in a sentence.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", at => isListening() && at >= LogLevel.Error);
        if (isJson)
        {
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "O"));
        }
        else
        {
            logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        }

        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });

    private static Option<string?> Flag(string name, string description) => new(name) { Description = description };
}
