using System.Text;

namespace PhysIntuition.Play.Terminal;

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
