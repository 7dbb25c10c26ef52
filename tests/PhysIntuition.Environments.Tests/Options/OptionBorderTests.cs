using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Options;

/// <summary>Every option of every task at both ends and just outside, as JSON and as a record.</summary>
public sealed class OptionBorderTests
{
    public static TheoryData<string, string> Ranges => new(
        from task in TaskCatalog.All
        from range in Given.Ranges(task.Spec.OptionsType)
        select (task.Spec.Id, range.Path));

    public static TheoryData<string> Tasks => new(TaskCatalog.All.Select(task => task.Spec.Id));

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Read_RangeAtItsEnds_IsTakenAsGiven(string id, string path)
    {
        var (spec, rule) = (TaskCatalog.Find(id).Spec, Rule(id, path));
        foreach (var end in (double[])[rule.Min, rule.Max])
        {
            if ((id, path) is ("Push-v1", "physics.friction")
                or ("Outcome-v1" or "Cause-v1" or "Impulse-v1", "physics.restitution") && end == rule.Max)
            {
                continue;   // refused, with the reason that CostTests has
            }

            var options = OptionsReader.Read(spec, Json(path, end, end));
            Assert.Equal(((float)end, (float)end), Ends(options, path));
            Assert.Null(Record.Exception(() => OptionsReader.Check(spec, options)));
        }
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Read_RangeJustOutside_NamesTheEndTheRuleAndWhereToLook(string id, string path)
    {
        var (spec, rule) = (TaskCatalog.Find(id).Spec, Rule(id, path));
        var step = IsWhole(id, path) ? 1 : 0.001;
        foreach (var (min, max, field) in (IEnumerable<(double, double, string)>)
            [(rule.Min - step, rule.Max, $"{path}.min"), (rule.Min, rule.Max + step, $"{path}.max")])
        {
            var fault = Assert.Throws<PhysIntuitionException>(() => OptionsReader.Read(spec, Json(path, min, max)));

            Assert.Equal((Fault.InvalidArgument, $"options.{field}"), (fault.Fault, fault.Field));
            var value = min < rule.Min ? min : max;
            Assert.Contains(
                FormattableString.Invariant($"'{field}' is {value}; it must lie in [{rule.Min}, {rule.Max}]."),
                fault.Message, StringComparison.Ordinal);
            Assert.EndsWith($"'tasks {id}' lists what {id} takes.", fault.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Read_MinimumAboveTheMaximum_IsRefusedWithBoth(string id, string path)
    {
        var (spec, rule) = (TaskCatalog.Find(id).Spec, Rule(id, path));

        var fault = Assert.Throws<PhysIntuitionException>(
            () => OptionsReader.Read(spec, Json(path, rule.Max, rule.Min)));

        Assert.Equal($"options.{path}", fault.Field);
        Assert.Contains(FormattableString.Invariant(
            $"'{path}.min' is {(float)rule.Max} and '{path}.max' is {(float)rule.Min}; the minimum must not be above"),
            fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Read_HalfOfARange_SaysWhichHalfIsMissing(string id, string path)
    {
        var (spec, rule) = (TaskCatalog.Find(id).Spec, Rule(id, path));

        var fault = Assert.Throws<PhysIntuitionException>(
            () => OptionsReader.Read(spec, Given.Nest(path, new JsonObject { ["min"] = rule.Min })));

        Assert.Equal($"options.{path}.max", fault.Field);
        Assert.Contains($"'{path}.max' is missing.", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Check_RecordJustOutside_IsRefusedWithTheValue(string id, string path)
    {
        var (spec, rule) = (TaskCatalog.Find(id).Spec, Rule(id, path));
        var (low, high) = IsWhole(id, path)
            ? (rule.Min - 1, rule.Max + 1)
            : (MathF.BitDecrement((float)rule.Min), (double)MathF.BitIncrement((float)rule.Max));
        foreach (var (value, field) in (IEnumerable<(double, string)>)[(low, $"{path}.min"), (high, $"{path}.max")])
        {
            var options = With(OptionsReader.DefaultsOf(spec), path, value);

            var fault = Assert.Throws<PhysIntuitionException>(() => OptionsReader.Check(spec, options));

            Assert.Contains(FormattableString.Invariant(
                $"'{field}' is {(float)value}; it must lie in [{rule.Min}, {rule.Max}]."), fault.Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_PictureSizes_LieBetween16And1024(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        foreach (var name in (string[])["pictureWidth", "pictureHeight"])
        {
            Assert.Null(Record.Exception(() => OptionsReader.Read(spec, $$"""{"{{name}}":16}""")));
            Assert.Null(Record.Exception(() => OptionsReader.Read(spec, $$"""{"{{name}}":1024}""")));
            AssertRefused(spec, $$"""{"{{name}}":15}""", name, "16");
            AssertRefused(spec, $$"""{"{{name}}":1025}""", name, "1024");
            AssertRefused(spec, $$"""{"{{name}}":64.5}""", name, "");
            AssertRefused(spec, $$"""{"{{name}}":"64"}""", name, "");
            AssertRefused(spec, $$"""{"{{name}}":null}""", name, "");
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_Examples_AreNoneThreeOrFive(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        for (var count = -1; count < 8; count++)
        {
            var json = $$"""{"examples":{{count}}}""";
            if (count is 0 or 3 or 5)
            {
                Assert.Equal(count, OptionsReader.Read(spec, json).Examples);
            }
            else
            {
                Assert.Equal("options.examples",
                    Assert.Throws<PhysIntuitionException>(() => OptionsReader.Read(spec, json)).Field);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_WordsOfAnOption_AreTakenAndOthersListWhatThereIs(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        foreach (var property in spec.OptionsType.GetProperties().Where(own => own.PropertyType.IsEnum))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            foreach (var value in Enum.GetValues(property.PropertyType))
            {
                var word = JsonNamingPolicy.CamelCase.ConvertName($"{value}");
                Assert.Equal(value, property.GetValue(OptionsReader.Read(spec, $$"""{"{{name}}":"{{word}}"}""")));
            }

            var first = JsonNamingPolicy.CamelCase.ConvertName(Enum.GetNames(property.PropertyType)[0]);
            AssertRefused(spec, $$"""{"{{name}}":"nowhere"}""", name, $"must be one of {first}");
            AssertRefused(spec, $$"""{"{{name}}":0}""", name, "");
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_Prompt_HasATaskToFillAndAtMost2000Characters(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        var longest = "{form}" + new string('a', 2000 - "{form}".Length);

        Assert.Equal(longest, OptionsReader.Read(spec, $$"""{"prompt":"{{longest}}"}""").Prompt);
        AssertRefused(spec, $$"""{"prompt":"{{longest}}b"}""", "prompt", "2000");
        AssertRefused(spec, """{"prompt":"{question}"}""", "prompt", "{form}");
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Read_MisspeltOption_NamesTheOneThatWasMeant(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        foreach (var property in spec.OptionsType.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            AssertRefused(spec, $$"""{"{{name}}x":1}""", $"{name}x", $"Did you mean '{name}'?");
        }
    }

    [Fact]
    public void Check_OptionsOfAnotherTask_NamesBothRecords()
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => OptionsReader.Check(new Stability().Spec, new PushOptions()));

        Assert.Equal("'options' is a PushOptions; Stability-v1 takes StabilityOptions.", fault.Message);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Check_RecordWithNumbersOrTextsOutOfRange_IsRefusedAsJsonIs(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;
        var usual = OptionsReader.DefaultsOf(spec);
        foreach (var (options, field) in (IEnumerable<(TaskOptions, string)>)
        [
            (usual with { PictureWidth = 15 }, "pictureWidth"), (usual with { PictureHeight = 1025 }, "pictureHeight"),
            (usual with { Examples = 4 }, "examples"),
            (usual with { Prompt = "{form}" + new string('a', 2000) }, "prompt"),
        ])
        {
            var fault = Assert.Throws<PhysIntuitionException>(() => OptionsReader.Check(spec, options));
            Assert.Equal($"options.{field}", fault.Field);
        }
    }

    private static void AssertRefused(TaskSpec spec, string json, string field, string says)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => OptionsReader.Read(spec, json));

        Assert.Equal((Fault.InvalidArgument, $"options.{field}"), (fault.Fault, fault.Field));
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    private static WithinAttribute Rule(string id, string path) =>
        Given.Ranges(TaskCatalog.Find(id).Spec.OptionsType).Single(range => range.Path == path).Rule;

    private static bool IsWhole(string id, string path) =>
        Find(OptionsReader.DefaultsOf(TaskCatalog.Find(id).Spec), path).Property.PropertyType == typeof(Between);

    private static (float Min, float Max) Ends(TaskOptions options, string path)
    {
        var (owner, property) = Find(options, path);

        return property.GetValue(owner) switch
        {
            Between range => (range.Min, range.Max),
            NumberRange range => (range.Min, range.Max),
            var other => throw new InvalidOperationException($"{path} is {other}."),
        };
    }

    private static (object Owner, PropertyInfo Property) Find(object options, string path)
    {
        var names = path.Split('.');
        foreach (var name in names.SkipLast(1))
        {
            options = Named(options, name).GetValue(options)!;
        }

        return (options, Named(options, names[^1]));
    }

    private static PropertyInfo Named(object owner, string name) => owner.GetType().GetProperty(
        name, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance)!;

    // A copy of options whose one range is a single value, put there without the reader's checks.
    private static TaskOptions With(TaskOptions options, string path, double value)
    {
        var copy = (TaskOptions)JsonSerializer.Deserialize(OptionsReader.Write(options), options.GetType(),
            new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
            })!;
        var (owner, property) = Find(copy, path);
        property.SetValue(owner, property.PropertyType == typeof(Between)
            ? new Between((int)value, (int)value)
            : new NumberRange((float)value, (float)value));

        return copy;
    }

    private static string Json(string path, double min, double max) =>
        Given.Nest(path, new JsonObject { ["min"] = min, ["max"] = max });
}
