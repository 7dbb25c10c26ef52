using System.CommandLine;
using System.Net;
using PhysIntuition.Trainer.Hosting;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer;

/// <summary>host --model FOLDER: a model as an OpenAI-compatible server.</summary>
internal sealed class HostCommand
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "A model or adapter folder; NAME=FOLDER names it for requests.", Required = true,
    };

    private readonly Option<string[]> _adapters = new("--adapter")
    {
        Description = "NAME=FOLDER: adapters in PEFT's layout, as a model of their own.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "ADDRESS:PORT; port 0 takes a free one.", DefaultValueFactory = _ => "127.0.0.1:8000",
    };

    private readonly Option<string?> _key = new("--key-from")
    {
        Description = "Environment variable with the key that requests must bring as a bearer.",
    };

    private readonly Option<int> _running = NumberOption.Of(
        "--running", "Completions that go through the model together.", 64, new(1, 65_536));

    private readonly Option<int> _queue = NumberOption.Of(
        "--queue", "Requests that wait for a place; further ones get 429.", 256, new(0, 1_000_000));

    private readonly Option<int> _maxTokens = NumberOption.Of(
        "--max-tokens", "Most tokens of a completion.", 4096, new(1, 1_000_000));

    private readonly Option<int> _threads = NumberOption.Of(
        "--threads", "Threads of the model's operators; 0 leaves it to the library.", 0, new(0, 1024));

    private readonly Option<bool> _bfloat16 = new("--hold-in-bf16") { Description = "Holds weights as bfloat16." };
    private readonly Option<string> _device = new("--device")
    {
        Description = "cpu, cuda or cuda:1.", DefaultValueFactory = _ => "cpu",
    };

    public static Command Create()
    {
        var host = new HostCommand();
        var command = new Command("host", "Serve a model through OpenAI's chat completions.")
        {
            host._model, host._adapters, host._listen, host._key, host._running, host._queue, host._maxTokens,
            host._threads, host._bfloat16, host._device,
        };
        command.SetAction(host.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (name, folder) = FolderEvalCommand.Model(parsed.GetValue(_model)!);
        (string Name, string Folder)[] adapters = [.. (parsed.GetValue(_adapters) ?? []).Select(Adapter)];
        var options = new HostOptions
        {
            Listen = Listen(parsed.GetValue(_listen)!), Key = Key(parsed.GetValue(_key)),
            MaxTokens = parsed.GetValue(_maxTokens),
        };
        if (parsed.GetValue(_threads) is > 0 and var threads)
        {
            set_num_threads(threads);
        }

        using var engine = new ModelEngine(
            Policy.Open(folder, new PolicyOptions
            {
                Device = parsed.GetValue(_device)!, UsesBFloat16 = parsed.GetValue(_bfloat16),
            }), name,
            new ModelEngineOptions { MaxRunning = parsed.GetValue(_running), MaxWaiting = parsed.GetValue(_queue) });
        foreach (var adapter in adapters)
        {
            await engine.LoadAdapterAsync(adapter.Name, adapter.Folder).ConfigureAwait(false);
        }

        await using var server = await HostServer.StartAsync(engine, options).ConfigureAwait(false);
        Console.WriteLine($"{string.Join(", ", engine.Names)} at {server.Address}v1"
            + (options.Key is null && !IPAddress.IsLoopback(options.Listen.Address)
                ? ", open to everybody who reaches this machine: --key-from VARIABLE asks for a key" : ""));
        await server.WaitAsync(cancellation).ConfigureAwait(false);
        return cancellation.IsCancellationRequested ? Faults.ExitCodes.Failed : Faults.ExitCodes.Done;
    }

    private static (string Name, string Folder) Adapter(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && File.Exists(Path.Combine(text[(at + 1)..], "adapter_config.json"))
            ? (text[..at], text[(at + 1)..])
            : throw new ArgumentException($"'--adapter' is {text}; it must be NAME=FOLDER, with adapter_config.json in "
                + "the folder.");
    }

    private static IPEndPoint Listen(string text) => IPEndPoint.TryParse(text, out var place) && text.Contains(':')
        ? place
        : throw new ArgumentException($"'--listen' is {text}; it must be ADDRESS:PORT, as 127.0.0.1:8000.");

    private static string? Key(string? variable) => variable is null ? null
        : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } key ? key
        : throw new ArgumentException($"'--key-from' is {variable}, which is not set; put the key into that variable.");
}
