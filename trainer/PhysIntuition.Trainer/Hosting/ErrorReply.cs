using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PhysIntuition.Faults;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>A failure in OpenAI's shape.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Body">{"error": {"message", "type", "param", "code"}}.</param>
/// <param name="RetryAfter">When a retry makes sense; null: not before something else changes.</param>
internal sealed record ErrorReply(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    // Members without a value are there, as in OpenAI's; text as it is.
    private static readonly JsonSerializerOptions s_json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public static ErrorReply Of(Exception failed) => failed switch
    {
        PhysIntuitionException { Fault: Fault.NotAuthenticated } fault =>
            New(401, "authentication_error", fault.Message, fault.Field, "invalid_api_key"),
        PhysIntuitionException { Fault: Fault.NotFound, Field: "model" } fault =>
            New(404, "invalid_request_error", fault.Message, fault.Field, "model_not_found"),
        PhysIntuitionException { Fault: Fault.NotFound, Field: "path" or "lora_name" } fault =>
            New(404, "invalid_request_error", fault.Message, fault.Field, "not_found"),
        PhysIntuitionException { Fault: Fault.LimitReached } fault => New(
            429, "rate_limit_error", fault.Message, null, "queue_full", fault.RetryAfter ?? s_pause),
        PhysIntuitionException fault => New(400, "invalid_request_error", fault.Message, fault.Field, "invalid_value"),
        BadHttpRequestException bad => New(bad.StatusCode, "invalid_request_error", bad.Message, null, "bad_request"),
        ArgumentException or IOException or UnauthorizedAccessException or JsonException =>
            New(400, "invalid_request_error", failed.Message, null, "invalid_value"),
        OperationCanceledException => New(503, "server_error", failed.Message, null, "closing", s_pause),
        _ => New(500, "server_error", failed.Message, null, "internal_error"),
    };

    private static ErrorReply New(
        int status, string type, string message, string? param, string code, TimeSpan? retryAfter = null) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(new { error = new { message, type, param, code } }, s_json),
            retryAfter);
}
