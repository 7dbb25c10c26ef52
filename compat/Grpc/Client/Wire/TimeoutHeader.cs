using System.Globalization;

namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>The <c>grpc-timeout</c> header: at most eight digits and a unit.</summary>
internal static class TimeoutHeader
{
    private const long MaxValue = 99_999_999;

    /// <summary>Writes the finest unit that holds the value, rounded up.</summary>
    internal static string Encode(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 1);
        return ticks <= MaxValue / TimeSpan.NanosecondsPerTick
            ? Format(ticks * TimeSpan.NanosecondsPerTick, 'n')
            : TryFormat(ticks, TimeSpan.TicksPerMicrosecond, 'u')
            ?? TryFormat(ticks, TimeSpan.TicksPerMillisecond, 'm')
            ?? TryFormat(ticks, TimeSpan.TicksPerSecond, 'S')
            ?? TryFormat(ticks, TimeSpan.TicksPerMinute, 'M')
            ?? TryFormat(ticks, TimeSpan.TicksPerHour, 'H')
            ?? Format(MaxValue, 'H');
    }

    /// <summary>Reads a header; false when it is not well formed.</summary>
    internal static bool TryDecode(string header, out TimeSpan timeout)
    {
        timeout = default;
        if (header.Length is < 2 or > 9
            || !long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, null, out var value))
        {
            return false;
        }

        var ticksPerUnit = TicksPerUnit(header[^1]);
        if (ticksPerUnit < 0)
        {
            return false;
        }

        var ticks = ticksPerUnit == 0
            ? value / TimeSpan.NanosecondsPerTick
            : (long)Int128.Min((Int128)value * ticksPerUnit, TimeSpan.MaxValue.Ticks);
        timeout = TimeSpan.FromTicks(ticks);
        return true;
    }

    private static string? TryFormat(long ticks, long ticksPerUnit, char unit)
    {
        var value = (ticks / ticksPerUnit) + (ticks % ticksPerUnit == 0 ? 0 : 1);
        return value <= MaxValue ? Format(value, unit) : null;
    }

    private static string Format(long value, char unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");

    // 0 stands for nanoseconds, of which a tick is a hundred; -1 for no unit at all.
    private static long TicksPerUnit(char unit) => unit switch
    {
        'n' => 0,
        'u' => TimeSpan.TicksPerMicrosecond,
        'm' => TimeSpan.TicksPerMillisecond,
        'S' => TimeSpan.TicksPerSecond,
        'M' => TimeSpan.TicksPerMinute,
        'H' => TimeSpan.TicksPerHour,
        _ => -1,
    };
}
