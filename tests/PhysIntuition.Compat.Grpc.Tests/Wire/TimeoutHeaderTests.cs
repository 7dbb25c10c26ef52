using PhysIntuition.Compat.Grpc.Wire;

namespace PhysIntuition.Compat.Grpc.Tests.Wire;

public sealed class TimeoutHeaderTests
{
    [Theory]
    [InlineData(1, "100n")]
    [InlineData(TimeSpan.TicksPerMillisecond, "1000000n")]
    [InlineData(TimeSpan.TicksPerSecond, "1000000u")]
    [InlineData(TimeSpan.TicksPerSecond + 1, "1000001u")]
    [InlineData(TimeSpan.TicksPerHour, "3600000m")]
    [InlineData(TimeSpan.TicksPerDay * 365, "31536000S")]
    [InlineData(0, "100n")]
    [InlineData(-5, "100n")]
    public void Encode_AnyTime_TakesTheFinestUnitOfEightDigitsRoundedUp(long ticks, string header) =>
        Assert.Equal(header, TimeoutHeader.Encode(TimeSpan.FromTicks(ticks)));

    [Theory]
    [InlineData("5H", 5 * TimeSpan.TicksPerHour)]
    [InlineData("5M", 5 * TimeSpan.TicksPerMinute)]
    [InlineData("5S", 5 * TimeSpan.TicksPerSecond)]
    [InlineData("5m", 5 * TimeSpan.TicksPerMillisecond)]
    [InlineData("5u", 5 * TimeSpan.TicksPerMicrosecond)]
    [InlineData("500n", 5)]
    [InlineData("0m", 0)]
    [InlineData("99999999H", 99_999_999 * TimeSpan.TicksPerHour)]
    public void TryDecode_EveryUnit_GivesItsTicks(string header, long ticks)
    {
        Assert.True(TimeoutHeader.TryDecode(header, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }
}
