namespace Grpc.Core;

/// <summary>The peer whose certificate is to be judged.</summary>
public class VerifyPeerContext
{
    internal VerifyPeerContext(string targetName, string peerPem)
    {
        TargetName = targetName;
        PeerPem = peerPem;
    }

    /// <summary>The name that the caller asked for.</summary>
    public string TargetName { get; }

    /// <summary>The certificate, PEM.</summary>
    public string PeerPem { get; }
}

/// <summary>Judges a certificate; true accepts it.</summary>
public delegate bool VerifyPeerCallback(VerifyPeerContext context);
