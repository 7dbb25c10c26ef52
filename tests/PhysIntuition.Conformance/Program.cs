using System.CommandLine;
using System.Text.Json.Nodes;
using PhysIntuition.Client;
using PhysIntuition.Conformance;

var address = new Option<string>("--address") { Description = "host:port of gRPC.", Required = true };
var http = new Option<string>("--http") { Description = "host:port of gRPC-Web; not used." };
var control = new Option<string>("--control") { Description = "host:port that cuts connections.", Required = true };
var isStreamed = new Option<bool>("--no-shared-memory") { Description = "Raw tensors come over the wire." };
var isDurable = new Option<bool>("--durable") { Description = "Sessions that outlive their server." };
var files = new Argument<FileInfo[]>("files")
{
    Description = "Conversations; none: named on standard input, one a line.",
    Arity = ArgumentArity.ZeroOrMore,
};
var command = new RootCommand("Carries out recorded conversations; clients/conformance/README.md has the format.")
{
    address, http, control, isStreamed, isDurable, files,
};
command.SetAction(async (arguments, cancellation) =>
{
    var options = new ClientOptions
    {
        Address = new Uri($"http://{arguments.GetValue(address)}"),
        UseSharedMemory = !arguments.GetValue(isStreamed),
        Durable = arguments.GetValue(isDurable),
        ReconnectFor = TimeSpan.FromMinutes(2),
    };
    var named = arguments.GetValue(files)!;
    foreach (var file in named.Length > 0 ? named : Lines(Console.In).Select(name => new FileInfo(name)))
    {
        Console.Out.WriteLine(Canonical.Line(
            new JsonObject { ["conversation"] = Path.GetFileNameWithoutExtension(file.Name) }));
        await using var client = await PhysIntuitionClient.ConnectAsync(options, cancellation);
        await using var conversation = new Conversation(client, arguments.GetValue(control)!);
        var steps = JsonNode.Parse(await File.ReadAllTextAsync(file.FullName, cancellation))!["steps"]!.AsArray();
        foreach (var step in steps)
        {
            Console.Out.WriteLine(Canonical.Line(await conversation.CarryOutAsync(step!.AsObject())));
        }
    }
});
return await command.Parse(args).InvokeAsync();

static IEnumerable<string> Lines(TextReader input)
{
    while (input.ReadLine() is { } line)
    {
        yield return line;
    }
}
