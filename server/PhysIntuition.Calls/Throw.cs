using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PhysIntuition.Server;

/// <summary>Throw helpers: each message says field, value, rule and remedy.</summary>
[StackTraceHidden]
internal static class Throw
{
    /// <summary>Reports a value outside its documented range.</summary>
    [DoesNotReturn]
    public static void OutOfRange(string field, object value, string rule, string remedy) =>
        throw new PhysIntuitionException(
            Fault.InvalidArgument, field, $"'{field}' is {Short(value)}; {rule}. {remedy}")
        {
            Reason = "OUT_OF_RANGE",
            Value = Short(value),
            Rule = rule,
            Remedy = remedy,
        };

    /// <summary>Reports an array whose length does not match its documented shape.</summary>
    [DoesNotReturn]
    public static void WrongLength(string field, long actual, long expected, string unit, string shape) =>
        throw new PhysIntuitionException(Fault.InvalidArgument, field,
            $"'{field}' has {actual} {unit}; expected {expected} for {shape}. " +
            "Send one row for each slot that takes part.")
        {
            Reason = "WRONG_LENGTH",
            Value = actual.ToString(CultureInfo.InvariantCulture),
            Rule = $"{expected} {unit} for {shape}",
            Remedy = "Send one row for each slot that takes part.",
        };

    /// <summary>Reports a call that needs another one first.</summary>
    [DoesNotReturn]
    public static void OutOfOrder(string field, string reason, string message) =>
        throw new PhysIntuitionException(Fault.OutOfOrder, field, message) { Reason = reason };

    /// <summary>Reports something that does not exist, or no longer.</summary>
    [DoesNotReturn]
    public static void NotFound(string field, string reason, string message) =>
        throw new PhysIntuitionException(Fault.NotFound, field, message) { Reason = reason };

    /// <summary>Reports missing or wrong credentials.</summary>
    [DoesNotReturn]
    public static void NotAuthenticated(string field, string message) =>
        throw new PhysIntuitionException(Fault.NotAuthenticated, field, message);

    /// <summary>Reports something that the caller may not do.</summary>
    [DoesNotReturn]
    public static void NotAllowed(string field, string reason, string message) =>
        throw new PhysIntuitionException(Fault.NotAllowed, field, message) { Reason = reason };

    /// <summary>Reports a limit and the setting that raises it.</summary>
    /// <param name="setting">Configuration path.</param>
    /// <param name="limit">Its present value.</param>
    /// <param name="thing">What there are too many of, plural.</param>
    /// <param name="retryAfter">When a retry makes sense; null: after something was closed.</param>
    [DoesNotReturn]
    public static void LimitReached(string setting, long limit, string thing, TimeSpan? retryAfter = null)
    {
        var remedy = retryAfter is { } wait
            ? $"Retry in {wait.TotalMilliseconds:0} ms, or raise {setting}."
            : $"Close some, or raise {setting}.";
        throw new PhysIntuitionException(
            Fault.LimitReached, setting, $"All {limit} {thing} are in use. {remedy}")
        {
            Rule = $"at most {limit} {thing}",
            Remedy = remedy,
            RetryAfter = retryAfter,
        };
    }

    /// <summary>Reports a rate beyond what a token allows.</summary>
    [DoesNotReturn]
    public static void TooFast(string setting, TimeSpan retryAfter)
    {
        var remedy = $"Retry in {Math.Ceiling(retryAfter.TotalMilliseconds):0} ms, or ask for a higher rate.";
        throw new PhysIntuitionException(
            Fault.LimitReached, setting, $"The requests come faster than {setting} allows. {remedy}")
        {
            Rule = setting,
            Remedy = remedy,
            RetryAfter = TimeSpan.FromMilliseconds(Math.Ceiling(retryAfter.TotalMilliseconds)),
        };
    }

    private static string Short(object value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "...");
    }
}
