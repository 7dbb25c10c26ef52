using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Checks a channel's credentials and lists the call credentials among them.</summary>
internal sealed class ChannelSecurity : ChannelCredentialsConfiguratorBase
{
    private readonly List<CallCredentials> _callCredentials = [];
    private bool _isSecure;

    /// <summary>The call credentials that the channel adds to each call.</summary>
    /// <exception cref="ArgumentException">The credentials do not fit the scheme of the address.</exception>
    internal static IReadOnlyList<CallCredentials> Check(ChannelCredentials? credentials, bool isSecureAddress)
    {
        if (credentials is null)
        {
            return [];
        }

        var found = new ChannelSecurity();
        credentials.InternalPopulateConfiguration(found, null);
        if (found._isSecure != isSecureAddress)
        {
            throw new ArgumentException(found._isSecure
                ? "Secure credentials need an address that starts with https://."
                : "Insecure credentials need an address that starts with http://.");
        }

        return found._callCredentials;
    }

    public override void SetInsecureCredentials(object? state) => _isSecure = false;

    public override void SetSslCredentials(
        object? state,
        string? rootCertificates,
        KeyCertificatePair? keyCertificatePair,
        VerifyPeerCallback? verifyPeerCallback)
    {
        if (rootCertificates is not null || keyCertificatePair is not null || verifyPeerCallback is not null)
        {
            throw new ArgumentException(
                "SslCredentials with arguments are not supported; set certificates on HttpHandler.SslOptions.");
        }

        _isSecure = true;
    }

    public override void SetCompositeCredentials(
        object? state, ChannelCredentials channelCredentials, CallCredentials callCredentials)
    {
        channelCredentials.InternalPopulateConfiguration(this, state);
        _callCredentials.Add(callCredentials);
    }
}
