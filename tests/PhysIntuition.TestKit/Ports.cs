using System.Net;
using System.Net.Sockets;

namespace PhysIntuition.TestKit;

/// <summary>Ports for servers that are killed and started again at the same address.</summary>
public static class Ports
{
    /// <summary>A port that nobody listens on now.</summary>
    /// <remarks>Below those that the system gives out by itself, so that none of the clients that try to reach a killed
    /// server is given its port.</remarks>
    public static int Free()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }
    }
}
