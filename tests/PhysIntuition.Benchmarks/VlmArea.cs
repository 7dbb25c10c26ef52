using System.CommandLine;
using System.Runtime.Intrinsics.X86;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Vlm.Models;

namespace PhysIntuition.Benchmarks;

/// <summary>The tiny vision-language model beside python3-torch running the same layers.</summary>
internal sealed class VlmArea : IArea
{
    private const double LargestDifference = 1e-3;   // of logits up to about 5: float32 sums in another order

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads inside one operator, on both sides.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "How often each piece of work is measured.",
        DefaultValueFactory = _ => 15,
    };

    /// <inheritdoc/>
    public string Name => "vlm";

    /// <inheritdoc/>
    public string Summary => "Prefill, decoding, and training of the tiny model beside python3-torch.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(_threads);
        command.Options.Add(_rounds);
    }

    /// <inheritdoc/>
    public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var threads = arguments.GetValue(_threads);
        TorchSharp.torch.set_num_threads(threads);
        Console.Out.WriteLine(TorchRuntime.Describe());
        using var work = new VlmWork();
        var folder = Directory.CreateTempSubdirectory("physintuition-bench-").FullName;
        try
        {
            work.Write(folder);
            using var rival = PythonRival.Start(folder, threads);
            Compare(work, rival, arguments.GetValue(_rounds), figures);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return Task.CompletedTask;
    }

    private static void Compare(VlmWork work, PythonRival rival, int rounds, Figures figures)
    {
        var difference = work.Logits().Zip(rival.Logits(), (a, b) => Math.Abs(a - b)).Max();
        figures.Add("logits_difference", difference, "", Mark.AtMost(LargestDifference));
        Measure("prefill", work.Prefill, VlmWork.PrefillTokens, "token/s");
        Measure("decode", work.Decode, VlmWork.DecodeTokens, "token/s");
        Measure("train", work.Train, VlmWork.TrainSamples, "sample/s", atLeast: 1.4);
        if (HasBf16)
        {
            // Matrix products alone; beside the float32 of the other side.
            work.Model.ComputeType = TorchSharp.torch.ScalarType.BFloat16;
            Measure("train_bf16", work.Train, VlmWork.TrainSamples, "sample/s", atLeast: 1.8, rivals: "train");
        }
        else
        {
            figures.Add("train_bf16", "not measured: the processor has no AVX512_BF16.");
        }

        void Measure(
            string name, Action run, int items, string unit, double atLeast = 0.9, string? rivals = null)
        {
            var (ours, theirs) = Alternate(run, () => rival.Seconds(rivals ?? name), rounds);
            figures.AddMedian($"{name}_vs_python", Clock.Ratios(theirs, ours), "x", Mark.AtLeast(atLeast));
            figures.AddMedian($"{name}_rate", [.. ours.Select(seconds => items / seconds)], unit);
            figures.AddMedian($"{name}_python_rate", [.. theirs.Select(seconds => items / seconds)], unit);
        }
    }

    // Leaf 7, 1: bit 5 of EAX (Intel 64 and IA-32 Architectures Software Developer's Manual, CPUID).
    private static bool HasBf16 => X86Base.IsSupported && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    // CPU seconds in turn, so that a slow minute of the machine hits both sides.
    private static (double[] Ours, double[] Theirs) Alternate(Action ours, Func<double> theirs, int rounds)
    {
        const int warmups = 8;   // until the hot methods are compiled for good; that work would count as ours
        var (first, second) = (new double[rounds], new double[rounds]);
        for (var round = -warmups; round < rounds; round++)
        {
            var (mine, rivals) = (Clock.CpuSeconds(ours), theirs());
            if (round >= 0)
            {
                (first[round], second[round]) = (mine, rivals);
            }
        }

        return (first, second);
    }
}
