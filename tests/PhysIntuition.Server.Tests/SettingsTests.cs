using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Server.Tests;

/// <summary>Settings that break a rule stop the server before it listens, each with what it is and may be.</summary>
public sealed class SettingsTests
{
    public static TheoryData<string> Bounded => [.. Sections.OfServer.All
        .SelectMany(section => section.Type.GetProperties()
            .Where(property => property.GetCustomAttribute<WithinAttribute>() is not null)
            .Select(property => $"{section.Path}:{property.Name}"))];

    [Theory]
    [MemberData(nameof(Bounded))]
    public void Number_BeyondItsEnds_IsRefusedAndAtThemIsNot(string key)
    {
        var property = Sections.OfServer.All.Single(section => key.StartsWith(section.Path, StringComparison.Ordinal))
            .Type.GetProperty(key.Split(':')[^1])!;
        var rule = property.GetCustomAttribute<WithinAttribute>()!;
        var isTime = property.PropertyType == typeof(TimeSpan);
        string Write(double number) => isTime
            ? TimeSpan.FromSeconds(number).ToString()
            : number.ToString(CultureInfo.InvariantCulture);

        foreach (var end in new[] { rule.Min, rule.Max }.Where(double.IsFinite))
        {
            Assert.DoesNotContain(Faults((key, Write(end))), fault => IsOf(fault, key, "must be in"));
            var beyond = Write(end + (end == rule.Min ? -1 : 1));
            Assert.Contains(Faults((key, beyond)), fault => IsOf(fault, key, beyond) || IsNoNumber(fault, key));
        }
    }

    [Theory]
    [InlineData("Engine:Lanes", "5", "must be 0, 1, 8 or 16")]
    [InlineData("Engine:RenderDevice", "gpu", "must be cpu, cuda or auto")]
    [InlineData("Limits:MaxSlots", "1000", "must be at least MaxSlotsPerSession, 65536")]
    [InlineData("Limits:MaxRequests", "9", "must be at least MaxRequestsPerSession, 256")]
    [InlineData("Sessions:Lease", "2.00:00:00", "must be in [00:00:01, 1.00:00:00]")]
    [InlineData("Listen:Certificate", "/nowhere.pem", "must be a readable file")]
    [InlineData("Listen:Socket", "/nowhere/towers.sock", "must lie in a folder that exists")]
    [InlineData("Telemetry:OtlpEndpoint", "nonsense", "must be an address such as")]
    public void Setting_AgainstItsRule_NamesKeyValueAndRule(string key, string value, string rule)
    {
        var fault = Assert.Single(
            Faults(($"PhysIntuition:{key}", value)), fault => fault.Contains(rule, StringComparison.Ordinal));

        Assert.StartsWith($"PhysIntuition:{key} is '{value}'; ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_OfSeveralSections_AreAllTold()
    {
        var faults = Faults(
            ("PhysIntuition:Limits:MaxSlot", "1"), ("PhysIntuition:Limit:MaxSlots", "1"),
            ("PhysIntuition:Listen:Port", "no"), ("PhysIntuition:Engine:Threads", "-1"));

        Assert.Equal(4, faults.Count);
        Assert.Contains(faults, fault => fault.Contains("MaxSlot is no setting", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("Limit is no section", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("'no' at 'PhysIntuition:Listen", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("Threads is '-1'", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_ThatAreRight_AreReadByTheirRecords()
    {
        var settings = Sections.OfServer.Read(From(("PhysIntuition:Limits:MaxSessions", "12")));

        Assert.Equal(12, settings.Get<LimitOptions>().MaxSessions);
        Assert.Equal(new LeaseOptions(), settings.Get<LeaseOptions>());
    }

    private static IReadOnlyList<string> Faults(params (string Key, string Value)[] pairs)
    {
        try
        {
            Sections.OfServer.Read(From(pairs));
            return [];
        }
        catch (OptionsValidationException wrong)
        {
            return [.. wrong.Failures];
        }
    }

    private static IConfiguration From(params (string Key, string Value)[] pairs) => new ConfigurationBuilder()
        .AddInMemoryCollection(pairs.Select(pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value)))
        .Build();

    private static bool IsOf(string fault, string key, string part) =>
        fault.StartsWith($"{key} is", StringComparison.Ordinal) && fault.Contains(part, StringComparison.Ordinal);

    // One more than the largest of its type.
    private static bool IsNoNumber(string fault, string key) =>
        fault.Contains($"at '{key}'", StringComparison.Ordinal);
}
