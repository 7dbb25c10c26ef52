using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>Collects the trailers and writes them as the last message of the body.</summary>
internal sealed class GrpcWebResponse : IHttpResponseBodyFeature, IHttpResponseTrailersFeature
{
    private const byte TrailersFlag = 0x80;

    private readonly IHttpResponseBodyFeature _inner;
    private int _isFinished;

    internal GrpcWebResponse(IHttpResponseBodyFeature inner, bool isText)
    {
        _inner = inner;
        Writer = isText ? new Base64PipeWriter(inner.Writer) : inner.Writer;
    }

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public Stream Stream => Writer.AsStream();

    public PipeWriter Writer { get; }

    public async Task CompleteAsync()
    {
        await Finish().ConfigureAwait(false);
        await _inner.CompleteAsync().ConfigureAwait(false);
    }

    public void DisableBuffering() => _inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => _inner.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("A gRPC-Web response carries messages, not files.");

    /// <summary>Writes the trailers, once, if there are any.</summary>
    internal async Task Finish()
    {
        if (Interlocked.Exchange(ref _isFinished, 1) != 0)
        {
            return;
        }

        if (Trailers.Count > 0)
        {
            WriteTrailers();
        }

        await Writer.FlushAsync().ConfigureAwait(false);
    }

    private void WriteTrailers()
    {
        var lines = new StringBuilder();
        foreach (var (name, values) in Trailers)
        {
            foreach (var value in values)
            {
                lines.Append(name.ToLowerInvariant()).Append(": ").Append(value).Append("\r\n");
            }
        }

        var payload = Encoding.ASCII.GetBytes(lines.ToString());
        var frame = Writer.GetSpan(5 + payload.Length);
        frame[0] = TrailersFlag;
        BinaryPrimitives.WriteInt32BigEndian(frame[1..], payload.Length);
        payload.CopyTo(frame[5..]);
        Writer.Advance(5 + payload.Length);
    }
}
