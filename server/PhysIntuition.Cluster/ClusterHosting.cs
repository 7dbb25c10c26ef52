using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using PhysIntuition.Server.Sessions;
using ClusterOptions = PhysIntuition.Server.ClusterOptions;
using Endpoint = Orleans.Configuration.EndpointOptions;

namespace PhysIntuition.Server.Cluster;

/// <summary>Makes a server one of a cluster.</summary>
internal static class ClusterHosting
{
    // A server of which nothing is heard for three of these is taken for dead, and its sessions wake elsewhere. One
    // that is merely slow is not: any message from it counts, and two servers must have asked it in vain.
    private static readonly TimeSpan s_probe = TimeSpan.FromMilliseconds(750);

    /// <summary>Adds the cluster to a server.</summary>
    /// <param name="builder">Of the server.</param>
    /// <param name="options">Which cluster.</param>
    /// <param name="listenAddress">Where the server listens for clients.</param>
    /// <returns>The cluster's secret, from which servers that were given none take theirs.</returns>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">The store does not answer.</exception>
    public static string Add(IHostApplicationBuilder builder, ClusterOptions options, string listenAddress)
    {
        var address = new ClusterStore(new Uri(options.Store));
        IClusterStore store = address.IsRedis ? new RedisStore(address, options) : new PostgresStore(address, options);
        var secret = store.PrepareAsync().GetAwaiter().GetResult();

        builder.Services.AddKeyedSingleton<TimeProvider>(KeyedService.AnyKey, new SteadyTime());
        builder.Services.AddSingleton<ClusterMetrics>();
        builder.Services.AddSingleton<SessionServices>();
        builder.Services.AddSingleton<IDurableSessions, DurableSessions>();
        builder.Services.AddHostedService(services =>
            ActivatorUtilities.CreateInstance<StoreWatch>(services, store, secret));
        builder.Services.AddLogging(logging => logging
            .AddFilter("Orleans", LogLevel.Error)
            .AddFilter("Orleans.Runtime.GrainDirectory.ClientDirectory", LogLevel.None)   // a stack each second
            .AddFilter("Polly", LogLevel.Error));
        builder.UseOrleans(silo =>
        {
            // An emptied store has another secret: what servers of before still write into it is of another cluster.
            silo.Configure<Orleans.Configuration.ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) =
                ($"{options.Name}-{XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(secret)):x16}", options.Name));
            silo.Configure<ClusterMembershipOptions>(SetMembership);
            // A message that went to a server which died on its way is sent again while patience lasts.
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.Patience / 4);
            // What ends a session is its lease.
            silo.Configure<GrainCollectionOptions>(grains => grains.CollectionAge = TimeSpan.FromDays(31));
            if (IsInKubernetes)
            {
                silo.UseKubernetesHosting();
            }

            silo.Configure<Endpoint>(endpoint => SetEndpoint(endpoint, options, listenAddress));
            store.Use(silo);
        });
        return secret;
    }

    private static bool IsInKubernetes =>
        Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is not null &&
        Environment.GetEnvironmentVariable("POD_NAME") is not null;

    private static void SetMembership(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = membership.MaxProbeTimeout = s_probe;
        membership.NumMissedProbesLimit = 3;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        membership.NumMissedTableIAmAliveLimit = 3;
        membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
        membership.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
    }

    private static void SetEndpoint(Endpoint endpoint, ClusterOptions options, string listenAddress)
    {
        var address = options.Address.Length > 0 ? IPAddress.Parse(options.Address) : IPAddress.Parse(listenAddress);
        if (!address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
        {
            endpoint.AdvertisedIPAddress = address;
        }

        endpoint.SiloPort = options.Port > 0 ? options.Port : FreePort(endpoint.AdvertisedIPAddress ?? IPAddress.Any);
        endpoint.GatewayPort = 0;   // clients come by the protocol, not as members of the cluster
        endpoint.SiloListeningEndpoint = new IPEndPoint(
            IPAddress.IsLoopback(address) ? address : IPAddress.Any, endpoint.SiloPort);
    }

    private static int FreePort(IPAddress address)
    {
        using var probe = new TcpListener(address, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    // Orleans' timers wait for a time of day. On a server whose clock was set back by an hour all of them would stand
    // still for an hour: it would neither miss the dead nor hear that it was given up.
    private sealed class SteadyTime : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();
        private readonly long _since = System.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => _start + System.GetElapsedTime(_since);
    }
}

/// <summary>Where servers meet and sessions are kept.</summary>
internal interface IClusterStore
{
    /// <summary>Days after which a record goes that nobody has written again; longer than any lease.</summary>
    const int KeepDays = 90;

    /// <summary>Reaches it, and makes in it what a cluster needs.</summary>
    /// <returns>The cluster's secret, made by its first server.</returns>
    Task<string> PrepareAsync();

    /// <summary>The secret that it holds now; empty: it was emptied.</summary>
    Task<string> FindSecretAsync();

    /// <summary>Lets a silo use it.</summary>
    void Use(ISiloBuilder silo);
}
