using System.Text.Json;
using PhysIntuition.Vlm.Weights;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>One family's tiny reference model with the values that the reference computed for it.</summary>
internal sealed class Reference : IDisposable
{
    public const string Qwen3 = "qwen3vl";
    public const string Qwen25 = "qwen25vl";

    private readonly SafetensorsFile _expected;
    private readonly JsonElement _json;

    private Reference(string family, WeightPlacement? placement)
    {
        Folder = Vectors.At($"vlm/{family}");
        Model = VisionLanguageModel.Load(Folder, placement);
        _expected = new SafetensorsFile(Path.Combine(Folder, "expected.safetensors"));
        _json = Vectors.Json($"vlm/{family}/expected.json");
    }

    public string Folder { get; }

    public VisionLanguageModel Model { get; }

    public IEnumerable<string> Names => _expected.Names;

    public static Reference Open(string family, WeightPlacement? placement = null)
    {
        NativeTorch.Require();
        return new Reference(family, placement);
    }

    public static WeightPlacement Trainable { get; } = new() { IsTrainable = true };

    public JsonElement Case(string name) => _json.GetProperty("cases").GetProperty(name);

    public JsonElement Lora => _json.GetProperty("lora");

    public Tensor Expected(string name)
    {
        var view = _expected.Get(name);
        var type = view.Type == DType.I64 ? ScalarType.Int64 : ScalarType.Float32;
        return TensorTransfer.Read(view, type, CPU);
    }

    public int[] Ids(string name) => [.. Expected($"{name}/input_ids").data<long>().Select(id => (int)id)];

    public Tensor Labels(string name) => Expected($"{name}/labels");

    /// <summary>The case's sequence as a batch of one.</summary>
    public VlmBatch Batch(string name, int? length = null)
    {
        var ids = Ids(name);
        var images = Grids(name, "image_grid_thw");
        var pixels = images.Length > 0 ? Expected("inputs/pixel_values_a") : null;
        return VlmBatch.Create(Model, [new VlmSequence(ids[..(length ?? ids.Length)], images)], pixels);
    }

    /// <summary>What the tower sees in a case: a picture, or a clip of several frames.</summary>
    public (Tensor Pixels, PatchGrid[] Grids) Pixels(string name) =>
        Grids(name, "image_grid_thw") is { Length: > 0 } images
            ? (Expected("inputs/pixel_values_a"), images)
            : (Expected("inputs/pixel_values_video"), Grids(name, "video_grid_thw"));

    /// <summary>Largest absolute difference, shapes being equal.</summary>
    public static double Distance(Tensor actual, Tensor expected)
    {
        Assert.Equal(expected.shape, actual.shape);
        using var off = no_grad();
        return (actual - expected).abs().max().item<float>();
    }

    public void Dispose()
    {
        _expected.Dispose();
        Model.Dispose();
    }

    private PatchGrid[] Grids(string name, string field) =>
        Case(name).TryGetProperty(field, out var grids) && grids.ValueKind == JsonValueKind.Array
            ? [.. grids.EnumerateArray().Select(grid => new PatchGrid(
                grid[0].GetInt32(), grid[1].GetInt32(), grid[2].GetInt32()))]
            : [];
}
