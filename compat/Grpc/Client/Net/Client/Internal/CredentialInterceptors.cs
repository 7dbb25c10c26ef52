using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Lists the functions that call credentials consist of, in order.</summary>
internal sealed class CredentialInterceptors : CallCredentialsConfiguratorBase
{
    private readonly List<AsyncAuthInterceptor> _interceptors = [];

    /// <summary>Asks every function of the credentials for its metadata.</summary>
    internal static async Task<Metadata> Collect(CallCredentials credentials, AuthInterceptorContext context)
    {
        var found = new CredentialInterceptors();
        credentials.InternalPopulateConfiguration(found, null);
        var metadata = new Metadata();
        foreach (var interceptor in found._interceptors)
        {
            await interceptor(context, metadata).ConfigureAwait(false);
        }

        return metadata;
    }

    public override void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor) =>
        _interceptors.Add(interceptor);

    public override void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials)
    {
        foreach (var part in credentials)
        {
            part.InternalPopulateConfiguration(this, state);
        }
    }
}
