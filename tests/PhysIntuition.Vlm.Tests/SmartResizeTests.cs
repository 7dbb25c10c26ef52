using System.Text.Json;

namespace PhysIntuition.Vlm.Models;

public sealed class SmartResizeTests
{
    [Fact]
    public void Fit_ReferenceTable_HoldsEveryRow()
    {
        var rows = Vectors.Json("vlm/preprocess/smart_resize.json").GetProperty("rows");

        Assert.Equal(210, rows.GetArrayLength());
        Assert.All(rows.EnumerateArray(), row =>
        {
            int Number(string name) => row.GetProperty(name).GetInt32();
            (int, int) Fit() => SmartResize.Fit(
                Number("height"), Number("width"), Number("factor"), Number("min_pixels"), Number("max_pixels"));

            if (row.GetProperty("result").ValueKind == JsonValueKind.Null)
            {
                Assert.Contains("200 times", Assert.Throws<ArgumentException>(() => Fit()).Message);
                return;
            }

            var expected = row.GetProperty("result");
            Assert.Equal((expected[0].GetInt32(), expected[1].GetInt32()), Fit());
        });
    }

    [Theory]
    [InlineData(28, 3136, 1_003_520)]
    [InlineData(32, 65_536, 16_777_216)]
    public void Fit_EverySide_IsWholeTokensWithinTheBudgetAndAboutTheShape(int factor, long fewest, long most)
    {
        for (var height = factor; height < 3000; height = (height * 5 / 3) + 1)
        {
            for (var width = factor; width < 3000; width = (width * 7 / 4) + 1)
            {
                var (h, w) = SmartResize.Fit(height, width, factor, fewest, most);

                Assert.Equal((0, 0), (h % factor, w % factor));
                Assert.InRange((long)h * w, fewest, most);

                // Both sides by one scale, then rounded by at most a token.
                var area = (double)height * width;
                var scale = Math.Clamp(1, Math.Sqrt(fewest / area), Math.Sqrt(most / area));
                Assert.InRange(h, (height * scale) - (1.5 * factor), (height * scale) + (1.5 * factor));
                Assert.InRange(w, (width * scale) - (1.5 * factor), (width * scale) + (1.5 * factor));
                Assert.Equal((h, w), SmartResize.Fit(h, w, factor, fewest, most));
            }
        }
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, -1)]
    public void Fit_PictureWithoutASide_IsRefused(int height, int width) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SmartResize.Fit(height, width, 32, 1, 1 << 20));
}
