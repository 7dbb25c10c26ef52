using System.Text.Json;
using PhysIntuition.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Play.Terminal;

/// <summary>One person at one environment.</summary>
internal sealed class Tabletop(IEnvironment environment, DirectoryInfo pictures)
{
    private const int Columns = 80;

    /// <summary>Plays one episode.</summary>
    /// <returns>The sum of rewards, or null at the end of input.</returns>
    public async Task<double?> PlayAsync(ulong seed)
    {
        var start = await environment.ResetAsync(new ResetSettings { Seed = seed });
        Show(start.Observations["rgb"]);
        await SaveAsync($"{environment.Task.Id}-{seed}-before.png");
        Console.WriteLine(start.Observations["prompt"].Texts[0]);
        for (var sum = 0.0; ;)
        {
            Console.Write("> ");
            if (Console.ReadLine() is not { } line)
            {
                return null;
            }

            var answer = line.Contains("<answer>", StringComparison.Ordinal) ? line : $"<answer>{line}</answer>";
            var step = await environment.StepAsync([answer]);
            sum += step.Rewards[0];
            Show(step.Observations["rgb"]);
            Console.WriteLine($"Reward {step.Rewards[0]:F2}. {Words(step.Observations["info"].Texts[0])}\n");
            if (step.Terminated[0] || step.Truncated[0])
            {
                await SaveAsync($"{environment.Task.Id}-{seed}-after.png");
                return sum;
            }
        }
    }

    private static void Show(Client.Observation picture)
    {
        if (!Console.IsOutputRedirected)
        {
            Console.Write(HalfBlocks.Draw(picture.Row(0).Span, picture.Shape[2], Columns));
        }
    }

    private static string Words(string info)
    {
        using var document = JsonDocument.Parse(info);
        var words = new List<string>();
        foreach (var name in new[] { "parse_error", "verdict" })
        {
            if (document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
            {
                words.Add(value.GetString()!);
            }
        }

        return string.Join(' ', words);
    }

    private async Task SaveAsync(string name)
    {
        pictures.Create();
        var drawn = await environment.RenderAsync(
            new Observe("rgb") { Width = 448, Height = 448, Encoding = PictureEncoding.Png });
        var file = Path.Combine(pictures.FullName, name);
        await File.WriteAllBytesAsync(file, drawn["rgb"].Files[0].ToArray());
        Console.WriteLine($"Picture: {file}");
    }
}
