using System.Globalization;
using System.Text;
using System.Text.Json;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Trainer.Study;

/// <summary>The table of generalisation as JSON, CSV and a picture.</summary>
internal static class CellFiles
{
    /// <summary>Writes the files that are named; each appears whole.</summary>
    public static void Write(IReadOnlyList<Cell> cells, string? json, string? csv, string? picture)
    {
        if (json is not null)
        {
            AtomicFile.Write(json, stream => JsonSerializer.Serialize(stream, new { cells }, RecipeOptions.Format));
        }

        if (csv is not null)
        {
            WriteText(csv, string.Join('\n', cells.Select(cell => cell.Csv).Prepend(Cell.Header)) + "\n");
        }

        if (picture is not null)
        {
            WriteText(picture, Draw(cells));
        }
    }

    /// <summary>Models down, tasks and suites across; success in [0, 1] between random and expert.</summary>
    public static string Draw(IReadOnlyList<Cell> cells)
    {
        Cell[] plain = [.. cells.Where(cell => cell.AdaptationSteps == 0 && cell.Examples == 0)];
        var table = plain.Length > 0 ? plain : [.. cells];
        return HeatMap.Draw(
            [.. table.Select(cell => cell.Model).Distinct()], [.. table.Select(cell => cell.Column).Distinct()],
            (model, column) => table.FirstOrDefault(cell => cell.Model == model && cell.Column == column) is { } cell
                ? (cell.Success.ToString("0.00", CultureInfo.InvariantCulture), cell.Success)
                : null);
    }

    /// <summary>Writes a text file that appears whole.</summary>
    public static void WriteText(string path, string text) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
