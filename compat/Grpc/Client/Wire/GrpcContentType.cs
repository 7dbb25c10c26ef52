namespace PhysIntuition.Compat.Grpc.Wire;

/// <summary>Recognises the content types of the protocol.</summary>
internal static class GrpcContentType
{
    /// <summary>Whether a value is the type itself, or goes on with '+' or ';'.</summary>
    internal static bool Matches(string? value, string expected) =>
        value is not null
        && value.StartsWith(expected, StringComparison.OrdinalIgnoreCase)
        && (value.Length == expected.Length || value[expected.Length] is '+' or ';');
}
