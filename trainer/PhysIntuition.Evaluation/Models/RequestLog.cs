namespace PhysIntuition.Evaluation.Models;

/// <summary>What went over the wire for one question; handlers write it, whoever asked reads it.</summary>
public sealed class RequestLog
{
    private static readonly AsyncLocal<RequestLog?> s_current = new();

    /// <summary>The log of the question that is being asked here; null outside.</summary>
    public static RequestLog? Current => s_current.Value;

    /// <summary>The request's body, with hashes in place of pictures; headers are never kept.</summary>
    public string Request { get; set; } = "";

    /// <summary>The reply's body.</summary>
    public string Reply { get; set; } = "";

    /// <summary>Attempts made.</summary>
    public int Attempts { get; set; }

    /// <summary>Begins a log that handlers further down this call find.</summary>
    public static RequestLog Begin() => s_current.Value = new RequestLog();
}
