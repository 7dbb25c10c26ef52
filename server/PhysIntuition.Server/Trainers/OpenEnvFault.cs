namespace PhysIntuition.Server.Trainers;

/// <summary>Failures in OpenEnv's words.</summary>
internal static class OpenEnvFault
{
    /// <summary>The code of an error message on the socket.</summary>
    public static string CodeOf(Exception failure) => failure switch
    {
        PhysIntuitionException { Fault: Fault.LimitReached } => "CAPACITY_REACHED",
        PhysIntuitionException { Fault: Fault.InvalidArgument } => "VALIDATION_ERROR",
        PhysIntuitionException { Fault: Fault.NotFound, Reason: "SESSION_EXPIRED" or "SESSION_CLOSED" } =>
            "SESSION_ERROR",
        _ => "EXECUTION_ERROR",
    };

    /// <summary>A text of a message; null: it is absent.</summary>
    /// <exception cref="PhysIntuitionException">It is of another kind.</exception>
    public static string? Text(JsonObject data, string field) => data[field] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        var other => throw Invalid(field, $"'{field}' is {JsonFields.Show(other)}; it must be a text. Send one."),
    };

    /// <summary>Something in a message is not as OpenEnv has it.</summary>
    public static PhysIntuitionException Invalid(string field, string message) =>
        new(Fault.InvalidArgument, field, message);
}
