using System.Buffers;
using System.Text;
using System.Text.Json;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Observations;

/// <summary>What is put together from parts is what the serialiser writes.</summary>
public sealed class SlotInfoTests
{
    private const string Verdict = "Right: \"it\" stands <still>.";

    [Fact]
    public void Text_OfAnyDistance_IsTheSerialisers()
    {
        var random = new RandomStream(7, 0);
        double[] numbers = [0, -0.0, 1, 2.5, 1e-7, 1e21, double.MaxValue, double.Epsilon, 12.514615, 1 / 3.0];
        double[] drawn = [.. Enumerable.Range(0, 2000)
            .Select(_ => BitConverter.UInt64BitsToDouble(random.NextBits())).Where(double.IsFinite)];

        Assert.All([.. numbers, .. drawn], distance => Assert.Equal(
            Serialised(new SlotInfo(null, Verdict, distance)), SlotInfo.Text(null, Verdict, distance)));
        Assert.All([.. numbers, .. drawn, double.NaN], distance => Assert.Equal(
            SlotInfo.Text(null, Verdict, distance), Written(null, Verdict, distance)));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, Verdict)]
    [InlineData("no \"number\"", null)]
    [InlineData("no \"number\"", Verdict)]
    public void Text_WithoutADistance_IsTheSerialisers(string? parseError, string? verdict)
    {
        var text = Serialised(new SlotInfo(parseError, verdict, null));

        Assert.Equal(text, SlotInfo.Text(parseError, verdict, double.NaN));
        Assert.Equal(text, Written(parseError, verdict, double.NaN));
        Assert.Equal(SlotInfo.Text(parseError, verdict, 0.5), Written(parseError, verdict, 0.5));
    }

    private static string Written(string? parseError, string? verdict, double distance)
    {
        var bytes = new ArrayBufferWriter<byte>();
        SlotInfo.Write(parseError, verdict, distance, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static string Serialised(SlotInfo info) => JsonSerializer.Serialize(info, SlotInfo.Json.SlotInfo);
}
