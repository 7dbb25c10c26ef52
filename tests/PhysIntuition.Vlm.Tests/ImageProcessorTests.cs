using System.Text.Json;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Vlm.Models;

public sealed class ImageProcessorTests
{
    public static TheoryData<string, string> Cases => new(
        ("up_37x53", "qwen3vl"), ("up_37x53", "qwen25vl"), ("down_180x240", "qwen3vl"), ("down_180x240", "qwen25vl"),
        ("noop_64x96", "qwen3vl"), ("wide_20x300", "qwen3vl"), ("small_40x24", "qwen3vl"),
        ("default_100x133", "qwen3vl"), ("default_100x133", "qwen25vl"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Resize_ReferencePicture_IsBitEqual(string name, string family)
    {
        var expected = Case(name, family);
        var size = expected.GetProperty("resized_hw");

        var resized = BicubicResize.Resize(Picture($"{name}_src.png"), size[1].GetInt32(), size[0].GetInt32());

        Assert.Equal(Picture(expected.GetProperty("resized").GetString()!).Pixels, resized.Pixels);
        Assert.Equal(expected.GetProperty("pixel_sum_u8").GetInt64(), resized.Pixels.Sum(value => (long)value));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Process_ReferencePicture_GivesTheReferencePatches(string name, string family)
    {
        var expected = Case(name, family);
        using var vectors = new SafetensorsFile(Vectors.At("vlm/preprocess/patches.safetensors"));

        var patches = new ImageProcessor(Options(expected)).Process(Picture($"{name}_src.png"));

        var grid = expected.GetProperty("grid_thw").EnumerateArray().Select(side => side.GetInt32()).ToArray();
        Assert.Equal(new PatchGrid(grid[0], grid[1], grid[2]), patches.Grid);
        var rows = patches.Values.Chunk(patches.RowLength).ToArray();
        var wanted = vectors.Contains($"{name}/{family}/patches")
            ? (Expected: vectors.Get($"{name}/{family}/patches"), Rows: rows)
            : (Expected: vectors.Get($"{name}/{family}/patches_first4_last4"), Rows: [.. rows[..4], .. rows[^4..]]);
        Assert.Equal(wanted.Expected.ToFloats(), wanted.Rows.SelectMany(row => row));

        // Sums in double of float32 samples; 1e-9 is far below one level of one sample (1/128).
        var sums = vectors.Get($"{name}/{family}/patch_row_sums").As<double>().ToArray();
        Assert.Equal(sums.Length, rows.Length);
        Assert.All(sums.Zip(rows), pair => Assert.Equal(pair.First, pair.Second.Sum(x => (double)x), tolerance: 1e-9));
    }

    [Theory]
    [InlineData("qwen3vl", "a")]
    [InlineData("qwen3vl", "b")]
    [InlineData("qwen25vl", "a")]
    [InlineData("qwen25vl", "b")]
    public void Process_ModelFoldersPicture_IsTheModelsInput(string family, string picture)
    {
        var folder = Vectors.At($"vlm/{family}");
        using var vectors = new SafetensorsFile(Path.Combine(folder, "expected.safetensors"));
        var processor = new ImageProcessor(ImageOptions.Load(folder));

        var patches = processor.Process(PictureFile.Load(Path.Combine(folder, $"img_{picture}.png")));

        var expected = vectors.Get($"inputs/pixel_values_{picture}");
        Assert.Equal($"F32[{patches.Grid.Count}, {patches.RowLength}]", expected.Info.ToString());
        Assert.All(expected.ToFloats().Zip(patches.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Theory]
    [InlineData("\"patch_size\": 16", "\"patch_size\": 0", "positive")]
    [InlineData("\"image_std\"", "\"resample\": 2, \"image_std\"", "resample is 2")]
    [InlineData("\"image_std\"", "\"do_normalize\": false, \"image_std\"", "do_normalize")]
    [InlineData("\"image_mean\"", "\"image_meen\"", "not a preprocessor_config.json")]
    public void Load_OptionsThatAreNotCarriedOut_AreNamed(string original, string replacement, string says)
    {
        using var folder = new TemporaryFolder();
        var json = File.ReadAllText(Path.Combine(Vectors.At("vlm/qwen3vl"), ImageOptions.FileName));
        Assert.Contains(original, json);
        File.WriteAllText(folder.At(ImageOptions.FileName), json.Replace(original, replacement));

        Assert.Contains(says, Assert.Throws<InvalidDataException>(() => ImageOptions.Load(folder.Root)).Message);
    }

    private static RgbImage Picture(string file) => PictureFile.Load(Vectors.At($"vlm/preprocess/{file}"));

    private static JsonElement Case(string name, string family) =>
        Vectors.Json("vlm/preprocess/preprocess.json").GetProperty("cases").EnumerateArray().Single(entry =>
            entry.GetProperty("case").GetString() == name && entry.GetProperty("family").GetString() == family);

    private static ImageOptions Options(JsonElement entry) => new()
    {
        PatchSize = entry.GetProperty("patch_size").GetInt32(),
        MinPixels = entry.GetProperty("min_pixels").GetInt64(),
        MaxPixels = entry.GetProperty("max_pixels").GetInt64(),
        Mean = [.. entry.GetProperty("image_mean").EnumerateArray().Select(value => value.GetDouble())],
        Deviation = [.. entry.GetProperty("image_std").EnumerateArray().Select(value => value.GetDouble())],
    };
}
