using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class CanonicalCompositionTests
{
    private const string Conformance = "/usr/share/unicode/NormalizationTest.txt.bz2";   // Debian: unicode-data

    [Theory]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("\u00e9", "\u00e9")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")]             // marks in the order of their classes; no q with dots
    [InlineData("D\u0307\u0323", "\u1e0c\u0307")]              // the dot below composes across the dot above
    [InlineData("\u1100\u1161\u11a8", "\uac01")]               // Hangul by arithmetic
    [InlineData("\uac00\u11a8", "\uac01")]
    [InlineData("\u212b", "\u00c5")]                           // singleton: the Ångström sign
    [InlineData("\u0958", "\u0915\u093c")]                     // excluded from composition
    [InlineData("\ud834\udd5e", "\ud834\udd57\ud834\udd65")]   // U+1D15E, beyond the BMP, excluded too
    [InlineData("\ud800x", "\ud800x")]                         // a lone surrogate stays
    [InlineData("\u0301e\u0301", "\u0301\u00e9")]              // a mark with nothing before it stays
    public void Normalize_GivenText_IsFormC(string text, string expected) =>
        Assert.Equal(expected, CanonicalComposition.Normalize(text));

    [Theory]
    [InlineData("plain ASCII")]
    [InlineData("Führer, naïve")]
    [InlineData("нещо 我 🚀")]
    public void Normalize_TextInFormC_IsTheSameInstance(string text) =>
        Assert.Same(text, CanonicalComposition.Normalize(text));

    [Fact]
    public void Normalize_ConformanceFileOfUnicode_HoldsEveryRow()
    {
        Assert.SkipUnless(File.Exists(Conformance), $"{Conformance} is absent; Debian's unicode-data has it.");
        var rows = 0;
        foreach (var line in Unpack(Conformance))
        {
            if (line.Length == 0 || line[0] is '#' or '@')
            {
                continue;
            }

            // Columns: source, NFC, NFD, NFKC, NFKD. NFC(source) = NFC(NFC) = NFC(NFD) = column 2.
            var columns = line.Split(';').Take(5).Select(Text).ToArray();
            Assert.Equal(columns[1], CanonicalComposition.Normalize(columns[0]));
            Assert.Equal(columns[1], CanonicalComposition.Normalize(columns[1]));
            Assert.Equal(columns[1], CanonicalComposition.Normalize(columns[2]));
            Assert.Equal(columns[3], CanonicalComposition.Normalize(columns[4]));
            rows++;
        }

        Assert.True(rows > 10_000, $"only {rows} rows were read");
    }

    private static string Text(string column)
    {
        var builder = new StringBuilder();
        foreach (var code in column.Split(' '))
        {
            var point = int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            builder.Append(char.ConvertFromUtf32(point));
        }

        return builder.ToString();
    }

    private static List<string> Unpack(string path)
    {
        const string script = "import bz2, sys; sys.stdout.buffer.write(bz2.open(sys.argv[1]).read())";
        using var process = Process.Start(new ProcessStartInfo("python3", ["-c", script, path])
        {
            RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8,
        })!;
        var lines = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
        }

        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return lines;
    }
}
