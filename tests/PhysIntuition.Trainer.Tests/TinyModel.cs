using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm;

[assembly: AssemblyFixture(typeof(PhysIntuition.Trainer.TinyModel))]

namespace PhysIntuition.Trainer;

/// <summary>A folder of the tiny model with weights, trained enough to answer in words; made once.</summary>
public sealed class TinyModel : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly Lazy<string> _made;

    public TinyModel() => _made = new Lazy<string>(Make);

    /// <summary>The folder; its name is tiny.</summary>
    public string Folder => _made.Value;

    /// <summary>A path beside it.</summary>
    public string At(string name) => _folder.At(name);

    public void Dispose() => _folder.Dispose();

    private string Make()
    {
        NativeTorch.Require();
        Sft.Train(new SftOptions
        {
            Steps = 30, Batch = 8, MicroBatch = 8, PictureSize = 32, EvaluationQuestions = 2, Threads = 1,
            LearningRate = 2e-3, VocabularyTasks = "OffsetX-v1",
        }, _folder.At("run"), CancellationToken.None);
        Directory.Move(_folder.At("run/final"), _folder.At("tiny"));
        return _folder.At("tiny");
    }
}
