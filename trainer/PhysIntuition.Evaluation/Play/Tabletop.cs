namespace PhysIntuition.Evaluation.Play;

/// <summary>One person at one environment.</summary>
internal sealed class Tabletop(IEnvironment environment, DirectoryInfo pictures)
{
    private const int Columns = 80;

    /// <summary>Plays one episode.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="cancellation">Ends it while it waits for a line.</param>
    /// <returns>The sum of rewards, or null at the end of input.</returns>
    public async Task<double?> PlayAsync(ulong seed, CancellationToken cancellation)
    {
        var start = await environment.ResetAsync(new ResetSettings { Seed = seed });
        Show(start.Observations["rgb"]);
        await SaveAsync($"{environment.Task.Id}-{seed}-before.png");
        Console.WriteLine(start.Observations["prompt"].Texts[0]);
        for (var sum = 0.0; ;)
        {
            Console.Write("> ");
            if (await Task.Run(Console.ReadLine, cancellation).WaitAsync(cancellation) is not { } line)
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

/// <summary>A picture in a terminal: two pixels in each character cell, 24-bit colour.</summary>
internal static class HalfBlocks
{
    /// <summary>Text with escape codes, one line for two rows of pixels.</summary>
    /// <param name="rgb">uint8[height, width, 3].</param>
    /// <param name="width">Pixels.</param>
    /// <param name="columns">Characters across; the picture is shrunk by averaging.</param>
    public static string Draw(ReadOnlySpan<byte> rgb, int width, int columns)
    {
        var height = rgb.Length / 3 / width;
        columns = Math.Min(columns, width);
        var rows = height * columns / width / 2;
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var (r, g, b) = Average(rgb, width, height, column, 2 * row, columns, 2 * rows);
                text.Append($"\e[38;2;{r};{g};{b}m");
                (r, g, b) = Average(rgb, width, height, column, (2 * row) + 1, columns, 2 * rows);
                text.Append($"\e[48;2;{r};{g};{b}m▀");
            }

            text.Append("\e[0m\n");
        }

        return text.ToString();
    }

    private static (int R, int G, int B) Average(
        ReadOnlySpan<byte> rgb, int width, int height, int column, int row, int columns, int rows)
    {
        int left = column * width / columns, right = (column + 1) * width / columns;
        int top = row * height / rows, bottom = (row + 1) * height / rows;
        int r = 0, g = 0, b = 0, count = (right - left) * (bottom - top);
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var pixel = ((y * width) + x) * 3;
                r += rgb[pixel];
                g += rgb[pixel + 1];
                b += rgb[pixel + 2];
            }
        }

        return (r / count, g / count, b / count);
    }
}
