using PhysIntuition.Vlm;
using TorchSharp;
using static TorchSharp.torch;
using Given = PhysIntuition.Trainer.Given;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>Every preset against its paper's objective, as TRL's GRPOTrainer writes it, in plain loops.</summary>
public sealed class PublishedFormulaTests
{
    private const int Rows = 6, Columns = 9, MaxTokens = 32;

    private readonly double[,] _now = new double[Rows, Columns], _old = new double[Rows, Columns];
    private readonly double[] _advantages = new double[Rows];
    private readonly int[] _lengths = [9, 4, 1, 7, 2, 5];

    public PublishedFormulaTests()
    {
        NativeTorch.Require();
        var random = new Random(8);
        for (var i = 0; i < Rows; i++)
        {
            _advantages[i] = (random.NextDouble() * 4) - 2;
            for (var t = 0; t < Columns; t++)
            {
                _now[i, t] = -3 * random.NextDouble();
                _old[i, t] = _now[i, t] + (1.6 * random.NextDouble()) - 0.8;
            }
        }
    }

    public static TheoryData<string> Presets => new(RecipeCatalog.GrpoPresets.Select(preset => preset.Name));

    [Theory]
    [MemberData(nameof(Presets))]
    public void Loss_OfAPreset_IsItsPublishedFormula(string preset)
    {
        var options = RecipeCatalog.GrpoPresets.Single(item => item.Name == preset).Options with
        {
            MaxCompletionTokens = MaxTokens,
        };
        Func<double> formula = preset switch
        {
            "paper" => () => Mean(i => Sum(i, t => Clipped(Ratio(i, t), i, 0.2, 0.2)) / _lengths[i]),
            "gspo" => () => Mean(i => Clipped(SequenceRatio(i), i, 3e-4, 4e-4)),
            "dapo" => () => Total(i => Sum(i, t => Clipped(Ratio(i, t), i, 0.2, 0.28))) / _lengths.Sum(),
            "dr_grpo" => () => Total(i => Sum(i, t => Clipped(Ratio(i, t), i, 0.2, 0.2))) / (Rows * MaxTokens),
            "cispo" => () => Total(i => Sum(i, t =>
                -Math.Min(Ratio(i, t), 5) * _advantages[i] * _now[i, t])) / _lengths.Sum(),
            "sapo" => () => Mean(i => Sum(i, t => Soft(Ratio(i, t), _advantages[i])) / _lengths[i]),
            _ => throw new InvalidOperationException($"Write down the formula of {preset}."),
        };

        using var scope = NewDisposeScope();
        double[] mask = [.. Enumerable.Range(0, Rows * Columns)
            .Select(at => at % Columns < _lengths[at / Columns] ? 1.0 : 0)];
        var loss = PolicyLoss.Compute(
            new PolicyBatch(Table(_now), Given.Doubles(mask).reshape(Rows, Columns), Given.Doubles(_advantages))
            {
                OldLogProbs = Table(_old),
            }, options).Loss.ToDouble();

        Assert.Equal(formula(), loss, 1e-9);
        Assert.NotEqual(0, loss);
    }

    private static Tensor Table(double[,] values) =>
        Given.Doubles([.. values.Cast<double>()]).reshape(Rows, Columns);

    private static double Total(Func<int, double> of) => Enumerable.Range(0, Rows).Sum(of);

    private static double Mean(Func<int, double> of) => Total(of) / Rows;

    private double Sum(int row, Func<int, double> of) => Enumerable.Range(0, _lengths[row]).Sum(of);

    private double Ratio(int row, int token) => Math.Exp(_now[row, token] - _old[row, token]);

    private double SequenceRatio(int row) =>
        Math.Exp(Sum(row, token => _now[row, token] - _old[row, token]) / _lengths[row]);

    private double Clipped(double ratio, int row, double low, double high) => -Math.Min(
        ratio * _advantages[row], Math.Clamp(ratio, 1 - low, 1 + high) * _advantages[row]);

    private static double Soft(double ratio, double advantage)
    {
        var temperature = advantage > 0 ? 1 : 1.05;
        return -advantage * 4 / temperature / (1 + Math.Exp(-temperature * (ratio - 1)));
    }
}
