using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Where a method lives on a channel; made once per method.</summary>
internal sealed class MethodAddress(Uri channel, IMethod method)
{
    /// <summary>The request's address.</summary>
    internal Uri Method { get; } = new(channel, method.FullName);

    /// <summary>The service's address, as call credentials see it.</summary>
    internal string Service { get; } =
        $"{channel.Scheme}://{channel.Authority}{method.FullName.AsSpan(0, method.FullName.LastIndexOf('/'))}";
}
