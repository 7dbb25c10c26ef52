using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using PhysIntuition.Faults;
using PhysIntuition.Server.Sessions;
using ClusterOptions = PhysIntuition.Server.ClusterOptions;

namespace PhysIntuition.Server.Cluster;

/// <summary>Membership and the sessions in PostgreSQL; the directory of sessions is in the servers' memory.</summary>
internal sealed class PostgresStore(ClusterStore address, ClusterOptions options) : IClusterStore
{
    private const string Invariant = "Npgsql";

    private readonly string _connection = ToConnectionString(address);

    /// <inheritdoc/>
    public async Task<string> PrepareAsync()
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(_connection);
            await using var connection = await source.OpenConnectionAsync();
            await using (var transaction = await connection.BeginTransactionAsync())
            {
                await using var schema = new NpgsqlCommand(ReadSchema(), connection, transaction);
                await schema.ExecuteNonQueryAsync();
                await transaction.CommitAsync();
            }

            return await ReadSecretAsync(connection);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            var why = failure.Message.Split('\n')[0];
            throw new PhysIntuitionException(Fault.Unavailable, "--cluster", $"'--cluster' is {address}, " +
                (failure is PostgresException
                    ? $"where PostgreSQL refuses: {why}. Make the database and a user who may create tables in it, or"
                    : $"where no PostgreSQL answers ({why}). Start it there, or") + " correct the address.");
        }
    }

    /// <inheritdoc/>
    public async Task<string> FindSecretAsync()
    {
        await using var source = NpgsqlDataSource.Create(_connection);
        await using var command = source.CreateCommand("SELECT Secret FROM PhysIntuitionCluster WHERE Name = @name");
        command.Parameters.AddWithValue("name", options.Name);
        return (string?)await command.ExecuteScalarAsync() ?? "";
    }

    /// <inheritdoc/>
    public void Use(ISiloBuilder silo)
    {
        silo.UseAdoNetClustering((AdoNetClusteringSiloOptions database) =>
            (database.Invariant, database.ConnectionString) = (Invariant, _connection));
        silo.AddAdoNetGrainStorage(SessionServices.Storage, (OptionsBuilder<AdoNetGrainStorageOptions> database) =>
            database.Configure<Serializer>((storage, serializer) =>
            {
                (storage.Invariant, storage.ConnectionString) = (Invariant, _connection);
                storage.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
                storage.DeleteStateOnClear = true;
            }));
    }

    // Beside it, records that nobody has written for long go: a session's server ends it, unless that server died.
    private async Task<string> ReadSecretAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            $"""
            DELETE FROM OrleansStorage WHERE ModifiedOn < now() - interval '{IClusterStore.KeepDays} days';
            INSERT INTO PhysIntuitionCluster (Name, Secret) VALUES (@name, @secret) ON CONFLICT DO NOTHING;
            SELECT Secret FROM PhysIntuitionCluster WHERE Name = @name;
            """, connection);
        command.Parameters.AddWithValue("name", options.Name);
        command.Parameters.AddWithValue("secret", SessionKey.NewToken());
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static string ReadSchema()
    {
        using var reader = new StreamReader(
            typeof(PostgresStore).Assembly.GetManifestResourceStream("postgres.sql")!);
        return reader.ReadToEnd();
    }

    private static string ToConnectionString(ClusterStore address)
    {
        var (user, password) = address.Credentials;
        return new NpgsqlConnectionStringBuilder
        {
            Host = address.Address.Host,
            Port = address.Port,
            Database = address.Database,
            Username = user.Length > 0 ? user : null,
            Password = password.Length > 0 ? password : null,
        }.ConnectionString;
    }
}
