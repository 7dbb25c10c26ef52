using System.Reflection;
using System.Text.Json;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Options;

public sealed class OptionsReaderTests
{
    public static TheoryData<string> AllTasks => new(TaskCatalog.All.Select(t => t.Spec.Id));

    [Theory]
    [InlineData("""{"blokcs":3}""", "options.blokcs", "'blokcs' is not an option. Did you mean 'blocks'?")]
    [InlineData("""{"blocks":{"min":1,"max":5}}""", "options.blocks.min", "'blocks.min' is 1; it must lie in [2, 10].")]
    [InlineData("""{"blocks":{"min":5,"max":3}}""", "options.blocks", "must not be above")]
    [InlineData("""{"palette":"red"}""", "options.palette", "one of paints")]
    [InlineData("""{"examples":4}""", "options.examples", "0, 3 or 5")]
    [InlineData("""{"camera":{"azimuth":{"min":-90,"max":0}}}""", "options.camera.azimuth.min",
        "is -90; it must lie in [-45, 45].")]
    [InlineData("""{"physics":{"friction":{"min":0.1,"max":9}}}""", "options.physics.friction.max",
        "is 9; it must lie in [0.05, 1.5].")]
    [InlineData("""{"pictureWidth":8}""", "options.pictureWidth", "is 8; it must lie in [16, 1024].")]
    [InlineData("""{"prompt":"Well?"}""", "options.prompt", "{form}")]
    [InlineData("""{"reward":"signed","reward":"signed"}""", "options", "not a JSON object")]
    [InlineData("[1]", "options", "object expected")]
    [InlineData("{", "options", "not a JSON object")]
    [InlineData("{} {}", "options", "not a JSON object")]
    [InlineData("""{"prompt":"\ud800"}""", "options", "not a JSON object")]
    [InlineData("""{"pictureWidth":99999999999999999999999}""", "options.pictureWidth",
        "is 1E+23; it must lie in [16, 1024]")]
    [InlineData("""{"blocks":{"min":2,"max":3},"blocks":{"min":4,"max":5}}""", "options", "Duplicate property")]
    public void Read_BadOptions_NamesTheField(string json, string field, string reason)
    {
        var error = Assert.Throws<PhysIntuitionException>(() => OptionsReader.Read(new Stability().Spec, json));

        Assert.Equal(Fault.InvalidArgument, error.Fault);
        Assert.Equal(field, error.Field);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AllTasks))]
    public void Canonical_WrittenDefaults_IsEmpty(string task)
    {
        var spec = TaskCatalog.Find(task).Spec;

        Assert.Equal("", OptionsReader.Canonical(spec, OptionsReader.Write(OptionsReader.DefaultsOf(spec))));
    }

    [Theory]
    [InlineData("""{"blocks":{"min":2,"max":2},"reward":"signed"}""")]
    [InlineData("""{ "reward": "signed", "blocks": { "max": 2, "min": 2 } }""")]
    [InlineData("{\"pictureWidth\":224,\"blocks\":\n{\"min\":2,\"max\":2},\"reward\":\"signed\"}")]
    public void Canonical_AnotherSpelling_IsTheSameText(string json)
    {
        var spec = new Stability().Spec;
        var canonical = OptionsReader.Canonical(spec, json);

        Assert.Equal("""{"blocks":{"max":2,"min":2},"reward":"signed"}""", canonical);
        Assert.Equal(OptionsReader.Read(spec, json), OptionsReader.Read(spec, canonical));
    }

    [Theory]
    [MemberData(nameof(AllTasks))]
    public void Read_WrittenDefaults_GivesTheDefaults(string task)
    {
        var spec = TaskCatalog.Find(task).Spec;
        var defaults = OptionsReader.DefaultsOf(spec);

        Assert.Equal(defaults, OptionsReader.Read(spec, OptionsReader.Write(defaults)));
        Assert.Contains("\"additionalProperties\": false", OptionsReader.SchemaOf(spec), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AllTasks))]
    public void Read_RangesAtTheirEnds_AreAccepted(string task)
    {
        var spec = TaskCatalog.Find(task).Spec;

        // The ends that are not: see CostTests.
        var ends = EndsOf(spec.OptionsType, "{0}").Where(json => (spec.Name != "Push" || !json.Contains("friction"))
            && (spec.Name is not ("Outcome" or "Cause" or "Impulse") || !json.Contains("restitution")));
        Assert.All(ends, json => OptionsReader.Read(spec, json));
    }

    [Fact]
    public void Read_PartOfARecord_KeepsTheTasksOwnDefaultsOfTheRest()
    {
        var spec = new Collision().Spec;   // its friction and restitution are not those of other tasks

        var options = (CollisionOptions)OptionsReader.Read(spec, """{"physics":{"gravity":{"min":3,"max":4}}}""");

        var usual = (CollisionOptions)OptionsReader.DefaultsOf(spec);
        Assert.Equal(usual.Physics with { Gravity = new(3, 4) }, options.Physics);
        Assert.Equal(usual.Camera, options.Camera);
    }

    private static IEnumerable<string> EndsOf(Type type, string frame)
    {
        foreach (var property in type.GetProperties())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var inner = frame.Replace("{0}", "{\"" + name + "\":{0}}", StringComparison.Ordinal);
            if (property.GetCustomAttribute<WithinAttribute>() is { } rule)
            {
                var range = FormattableString.Invariant($$"""{"min":{{rule.Min}}, "max":{{rule.Max}} }""");
                yield return inner.Replace("{0}", range, StringComparison.Ordinal);
            }

            var nested = property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal);
            foreach (var json in nested ? EndsOf(property.PropertyType, inner) : [])
            {
                yield return json;
            }
        }
    }

    [Theory]
    [InlineData("+1")]
    [InlineData("train,val")]
    [InlineData("1")]
    [InlineData("test/")]
    public void Find_WhatIsNoSplit_ListsWhatThereIs(string name)
    {
        var error = Assert.Throws<PhysIntuitionException>(() => SuiteCatalog.Find(new Stability().Spec, name));

        Assert.Equal((Fault.NotFound, "split"), (error.Fault, error.Field));
        Assert.Contains("tall-v1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnknownTask_ListsWhatThereIs()
    {
        var error = Assert.Throws<PhysIntuitionException>(() => TaskCatalog.Find("Stabilty-v1"));

        Assert.Equal(Fault.NotFound, error.Fault);
        Assert.Contains("Offset-v1", error.Message, StringComparison.Ordinal);
    }
}
