using System.Net;
using System.Text.Json.Nodes;

namespace PhysIntuition.Evaluation.Models;

/// <summary>The last handler before the network: one attempt, shaped for the server and written down.</summary>
/// <remarks>
/// Servers disagree about parameters: some want max_tokens, reasoning models refuse a temperature. A refusal that names
/// a parameter is answered by the same request without it (or with its other name), remembered, and said once.
/// </remarks>
/// <param name="settings">Members to add to requests.</param>
/// <param name="limit">Learns of refusals and answers.</param>
/// <param name="say">Told what was left out.</param>
internal sealed class RequestHandler(GenerationSettings settings, AdaptiveLimit limit, Action<string> say)
    : DelegatingHandler
{
    private const string NewLimit = "max_completion_tokens", OldLimit = "max_tokens";

    private static readonly string[] s_droppable =
        ["temperature", "top_p", "seed", "stop", "reasoning_effort", "top_k", "min_p", "response_format"];

    private readonly Lock _gate = new();
    private readonly HashSet<string> _dropped = [];
    private bool _usesOldLimit;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var pictures = new PictureSlots();
        var original = pictures.Take(
            await request.Content!.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        var log = RequestLog.Current ?? new RequestLog();
        while (true)
        {
            log.Attempts++;
            var body = Shape(original);
            log.Request = body;
            request.Content = new StringContent(pictures.PutBack(body), Encoding.UTF8, "application/json");
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

            // The whole body now, so that a connection that is cut in its middle is a failed attempt.
            log.Reply = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.BadRequest && Adapt(body, log.Reply))
            {
                response.Dispose();
                continue;
            }

            Judge(response, log.Reply);
            return response;
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await response.Content.LoadIntoBufferAsync(cancellation).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Tells the limit; an answer that is no JSON is a failed attempt, whatever its status says.</summary>
    private void Judge(HttpResponseMessage response, string reply)
    {
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            limit.Refused();
        }
        else if (response.IsSuccessStatusCode)
        {
            RequireJson(response, reply);
            limit.Answered();
        }
    }

    private static void RequireJson(HttpResponseMessage response, string reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply);
        }
        catch (JsonException wrong)
        {
            var status = (int)response.StatusCode;
            response.Dispose();
            throw new HttpRequestException(
                $"The server answered {status} with something that is no JSON: {Start(reply)}", wrong);
        }
    }

    private static string Start(string text) => text.Length <= 80 ? text : text[..80] + " ...";

    private string Shape(string original)
    {
        var body = JsonNode.Parse(original)!.AsObject();
        foreach (var (name, value) in settings.ExtraBody)
        {
            body[name] = value?.DeepClone();
        }

        lock (_gate)
        {
            foreach (var name in _dropped)
            {
                body.Remove(name);
            }

            if (_usesOldLimit && body.ContainsKey(NewLimit))
            {
                body[OldLimit] = body[NewLimit]?.DeepClone();
                body.Remove(NewLimit);
            }
        }

        return body.ToJsonString();
    }

    /// <summary>Whether a refusal names a parameter that the request can do without.</summary>
    private bool Adapt(string body, string reply)
    {
        var sent = JsonNode.Parse(body)!.AsObject();
        lock (_gate)
        {
            if (sent.ContainsKey(NewLimit) && reply.Contains(NewLimit, StringComparison.Ordinal))
            {
                if (!_usesOldLimit)
                {
                    say($"the server does not take {NewLimit}; {OldLimit} is sent.");
                }

                return _usesOldLimit = true;   // also for requests that were on their way when it was found out
            }

            var refused = s_droppable.FirstOrDefault(name =>
                sent.ContainsKey(name) && reply.Contains(name, StringComparison.Ordinal));
            if (refused is not null && _dropped.Add(refused))
            {
                say($"the server refuses {refused}; it is left out.");
            }

            return refused is not null;
        }
    }
}

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
