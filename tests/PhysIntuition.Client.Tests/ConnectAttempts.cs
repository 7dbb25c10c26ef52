using System.Diagnostics.Tracing;
using System.Globalization;

namespace PhysIntuition.Client.Tests;

/// <summary>Counts how often this process tries to reach a port of this machine, refused or not.</summary>
internal sealed class ConnectAttempts(int port) : EventListener
{
    // The sockets' event source writes an address as its family, its length and its bytes, the port first.
    private readonly string _target = string.Create(CultureInfo.InvariantCulture, $"{{{port >> 8},{port & 255},");

    private readonly SemaphoreSlim _attempts = new(0);

    /// <summary>Waits for so many attempts.</summary>
    public async Task WaitAsync(int count, TimeSpan patience)
    {
        using var end = new CancellationTokenSource(patience);
        for (var attempt = 0; attempt < count; attempt++)
        {
            await _attempts.WaitAsync(end.Token);
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Net.Sockets")
        {
            EnableEvents(eventSource, EventLevel.Informational);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData is { EventName: "ConnectStart", Payload: [string address, ..] } &&
            address.Contains(_target, StringComparison.Ordinal))
        {
            _attempts.Release();
        }
    }
}
