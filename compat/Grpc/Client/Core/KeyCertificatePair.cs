namespace Grpc.Core;

/// <summary>A certificate chain with its private key, both as PEM text.</summary>
public sealed class KeyCertificatePair
{
    /// <summary>Makes a pair.</summary>
    public KeyCertificatePair(string certificateChain, string privateKey)
    {
        ArgumentNullException.ThrowIfNull(certificateChain);
        ArgumentNullException.ThrowIfNull(privateKey);
        CertificateChain = certificateChain;
        PrivateKey = privateKey;
    }

    /// <summary>The certificates, PEM.</summary>
    public string CertificateChain { get; }

    /// <summary>The private key, PEM.</summary>
    public string PrivateKey { get; }
}
