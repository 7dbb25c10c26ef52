using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Persistence;
using Orleans.Serialization;
using Orleans.Storage;
using PhysIntuition.Faults;
using PhysIntuition.Server.Sessions;
using StackExchange.Redis;
using ClusterOptions = PhysIntuition.Server.ClusterOptions;

namespace PhysIntuition.Server.Cluster;

/// <summary>Membership, the directory of sessions and the sessions in Redis, over one pipelined connection.</summary>
internal sealed class RedisStore(ClusterStore address, ClusterOptions options) : IClusterStore
{
    private const int ConnectMilliseconds = 3000, AnswerMilliseconds = 5000;

    private readonly ConfigurationOptions _configuration = ToConfiguration(address);
    private Task<IConnectionMultiplexer> _connection = null!;

    /// <inheritdoc/>
    public async Task<string> PrepareAsync()
    {
        try
        {
            var once = _configuration.Clone();
            once.AbortOnConnectFail = true;
            await using (await ConnectionMultiplexer.ConnectAsync(once))
            {
            }

            _connection = ConnectAsync();
            var database = (await _connection).GetDatabase();
            await database.StringSetAsync(SecretKey, SessionKey.NewToken(), when: When.NotExists);
            return await FindSecretAsync();
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            throw new PhysIntuitionException(Fault.Unavailable, "--cluster",
                $"'--cluster' is {address}, where no Redis answers ({failure.Message.Split('\n')[0]}). Start " +
                "redis-server there, or correct the address.");
        }
    }

    /// <inheritdoc/>
    public async Task<string> FindSecretAsync() =>
        (string?)await (await _connection).GetDatabase().StringGetAsync(SecretKey) ?? "";

    /// <inheritdoc/>
    public void Use(ISiloBuilder silo)
    {
        silo.UseRedisClustering(redis =>
        {
            redis.ConfigurationOptions = _configuration;
            redis.CreateMultiplexer = _ => SharedAsync();
        });
        silo.UseRedisGrainDirectoryAsDefault((RedisGrainDirectoryOptions redis) =>
        {
            redis.ConfigurationOptions = _configuration;
            redis.CreateMultiplexer = _ => SharedAsync();
        });
        silo.AddRedisGrainStorage(SessionServices.Storage, (OptionsBuilder<RedisStorageOptions> redis) =>
            redis.Configure<Serializer>((storage, serializer) =>
            {
                storage.ConfigurationOptions = _configuration;
                storage.CreateMultiplexer = _ => SharedAsync();
                storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
                storage.DeleteStateOnClear = true;
                storage.EntryExpiry = TimeSpan.FromDays(IClusterStore.KeepDays);
            }));
    }

    private RedisKey SecretKey => $"{options.Name}/secret";

    private async Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> SharedAsync() => (await _connection, true);

    private async Task<IConnectionMultiplexer> ConnectAsync() =>
        await ConnectionMultiplexer.ConnectAsync(_configuration);

    private static ConfigurationOptions ToConfiguration(ClusterStore address)
    {
        var (user, password) = address.Credentials;
        return new ConfigurationOptions
        {
            EndPoints = { { address.Address.Host, address.Port } },
            User = user.Length > 0 ? user : null,
            Password = password.Length > 0 ? password : null,
            DefaultDatabase = address.Database.Length > 0 ? int.Parse(address.Database) : 0,
            Ssl = address.IsSecure,
            AbortOnConnectFail = false,
            ConnectTimeout = ConnectMilliseconds,
            AsyncTimeout = AnswerMilliseconds,
            ReconnectRetryPolicy = new LinearRetry(200),
            BacklogPolicy = BacklogPolicy.FailFast,
        };
    }
}
