using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace PhysIntuition.Server.Pages;

/// <summary>The pages' files, which travel inside the program: nothing to install, nothing to find on disk.</summary>
/// <remarks>Compressed once, on first use; revalidated by their hash, so that an update shows at once.</remarks>
internal sealed class PageFiles
{
    private const string Prefix = "web/", Page = ".html", Layout = "layout.html";

    private static readonly FrozenDictionary<string, string> s_types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, PageFile> _files;

    public PageFiles()
    {
        var assembly = typeof(PageFiles).Assembly;
        var layout = Encoding.UTF8.GetString(Read(assembly, Layout));
        _files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Where(name => name != Layout)
            .ToFrozenDictionary(PathOf, name => Load(name, name.EndsWith(Page, StringComparison.Ordinal)
                ? Compose(layout, name[..^Page.Length], Encoding.UTF8.GetString(Read(assembly, name)))
                : Read(assembly, name)));
    }

    /// <summary>Paths that are served: pages without their ending, the rest with it.</summary>
    public IEnumerable<string> Paths => _files.Keys;

    /// <summary>Answers with a file.</summary>
    public async Task ServeAsync(HttpContext context, string path)
    {
        var (file, request, response) = (_files[path], context.Request, context.Response);
        response.Headers.ETag = file.Tag;
        response.Headers.CacheControl = "no-cache";   // Keep it, but ask whether it is still the same.
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (request.Headers.IfNoneMatch.ToString().Contains(file.Tag, StringComparison.Ordinal))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = file.Type;
        var accepted = request.Headers.AcceptEncoding.ToString();
        var (encoding, bytes) = accepted.Contains("br", StringComparison.Ordinal) ? ("br", file.Brotli.Value)
            : accepted.Contains("gzip", StringComparison.Ordinal) ? ("gzip", file.Gzip.Value)
            : ("", file.Bytes);
        if (encoding.Length > 0)
        {
            response.Headers.ContentEncoding = encoding;
        }

        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static string PathOf(string name) => name == "index.html" ? "/"
        : "/" + (name.EndsWith(Page, StringComparison.Ordinal) ? name[..^Page.Length] : name);

    private static byte[] Read(Assembly assembly, string name)
    {
        using var source = assembly.GetManifestResourceStream(Prefix + name)!;
        var bytes = new byte[source.Length];
        source.ReadExactly(bytes);
        return bytes;
    }

    // A page's file holds its title, its description and its content; its script has its name.
    private static byte[] Compose(string layout, string name, string page)
    {
        var content = page.IndexOf("  <main", StringComparison.Ordinal);
        var link = $"<a href=\"/{(name == "method" ? "leaderboard" : name)}\"";
        return Encoding.UTF8.GetBytes(layout.Replace("{head}", page[..content].TrimEnd())
            .Replace("{script}", name)
            .Replace($"{link}>", $"{link} aria-current=\"page\">")
            .Replace("{main}", page[content..].TrimEnd()));
    }

    private static PageFile Load(string name, byte[] bytes) => new(
        bytes, s_types[Path.GetExtension(name)], $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"",
        new(() => Compress(bytes, target => new BrotliStream(target, CompressionLevel.Optimal))),
        new(() => Compress(bytes, target => new GZipStream(target, CompressionLevel.Optimal))));

    private static byte[] Compress(byte[] bytes, Func<Stream, Stream> compress)
    {
        var target = new MemoryStream();
        using (var stream = compress(target))
        {
            stream.Write(bytes);
        }

        return target.ToArray();
    }

    /// <param name="Bytes">As they are.</param>
    /// <param name="Type">Media type.</param>
    /// <param name="Tag">Entity tag, with quotes.</param>
    /// <param name="Brotli">Compressed.</param>
    /// <param name="Gzip">Compressed.</param>
    private sealed record PageFile(
        byte[] Bytes, string Type, string Tag, Lazy<byte[]> Brotli, Lazy<byte[]> Gzip);
}
