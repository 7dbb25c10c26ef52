using PhysIntuition.Trainer.Hosting;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Weights;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Learning here from what a server writes.</summary>
public sealed class RemoteSamplerTests(TinyModel tiny) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private GrpoOptions Options => new()
    {
        Model = tiny.Folder, Temperature = 1.3f, AdapterRank = 4, Steps = 20, Prompts = 4, MicroPrompts = 2,
        Completions = 4, MaxCompletionTokens = 10, PictureSize = 32, LearningRate = 1e-3, EvaluationQuestions = 2,
        Threads = 1,
    };

    [Fact]
    public async Task Train_FromAHost_EndsWithTheAdaptersOfThisProcess()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        Train(Options, "local");
        Train(Options with { Sampler = host.Server.Address.ToString() }, "remote");

        var (local, remote) = (Adapters("local"), Adapters("remote"));
        var moved = local.Max(item => item.Key.Contains("lora_B") ? item.Value.Max(Math.Abs) : 0);
        Assert.True(moved > 5e-3, $"adapters moved by {moved} alone");   // B begins at 0: far more than the tolerance
        Assert.Equal(local.Keys, remote.Keys);
        var apart = local.Max(item => item.Value.Zip(remote[item.Key]).Max(pair => Math.Abs(pair.First - pair.Second)));
        Assert.InRange(apart, 0, 1e-4f);

        for (var step = 1; step <= 20; step++)
        {
            var metrics = Runs.Line(_folder.At("remote"), step);
            Assert.InRange((double)metrics["sampling/sampling_logp_difference/max"]!, 0, 1e-3);
            Assert.Equal(1, (double)metrics["sampling/importance_sampling_ratio/mean"]!, 1e-3);
        }

        Assert.Equal(["tiny"], host.Engine.Names);   // nothing is left there
        Assert.Single(Directory.GetDirectories(_folder.At("remote/sampler")));
    }

    [Fact]
    public async Task Train_StoppedAndResumedWithSeveralUpdates_GoesOnWithItsOwnAdapters()
    {
        await using var host = await Hosted.StartAsync(tiny.Folder);
        var options = Options with
        {
            Steps = 2, Iterations = 2, SaveEvery = 1, Objective = PolicyObjective.Dapo, TopP = 0.95f, MinP = 0.01f,
            Sampler = $"{host.Server.Address}v1",
        };
        Runs.StopAfterOneStep(stop => Grpo.Train(options, _folder.At("run"), stop));
        Train(options, "run");
        Train(options, "whole");

        var (whole, parts) = (Adapters("whole"), Adapters("run"));
        Assert.All(whole, item => Assert.All(item.Value.Zip(parts[item.Key]),
            pair => Assert.Equal(pair.First, pair.Second, 1e-4f)));
    }

    [Fact]
    public async Task Train_SamplerOfAnotherModel_IsToldSo()
    {
        Sft.Train(Runs.Small with { Steps = 1, Task = "Push-v1" }, _folder.At("other"), CancellationToken.None);
        await using var host = await Hosted.StartAsync(_folder.At("other/final"));

        var said = Assert.Throws<IOException>(() =>
            Train(Options with { Sampler = host.Server.Address.ToString() }, "run")).Message;

        Assert.Contains("it must serve the model folder that learns", said);
    }

    [Fact]
    public void Train_SamplerThatIsAbsent_IsToldSoAtOnce()
    {
        using var closed = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        closed.Start();
        var address = $"http://{closed.LocalEndpoint}";
        closed.Stop();

        var said = Assert.Throws<IOException>(() => Train(Options with { Sampler = address }, "run")).Message;

        Assert.Contains("Start it first, or leave --sampler out.", said);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9", 0, "adapterRank 0; a sampler is sent adapters, so set adapterRank.")]
    [InlineData("vllm:8000", 4, "sampler is vllm:8000; must be a server's address, as http://127.0.0.1:8000/v1.")]
    public void Faults_SamplerThatCannotBe_IsRefused(string sampler, int rank, string says) => Assert.Contains(
        says, Assert.Single((Options with { Sampler = sampler, AdapterRank = rank }).Faults()));

    private void Train(GrpoOptions options, string name) =>
        Grpo.Train(options, _folder.At(name), CancellationToken.None);

    private Dictionary<string, float[]> Adapters(string run)
    {
        using var file = new SafetensorsFile(_folder.At($"{run}/final/adapter_model.safetensors"));
        return file.Names.Order().ToDictionary(name => name, name => file.Get(name).ToFloats());
    }
}
