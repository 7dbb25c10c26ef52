using System.Text.Json;
using System.Text.Json.Serialization;
using NJsonSchema;
using NJsonSchema.Validation;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Options;

/// <summary>NJsonSchema reads the same schemas; whatever it finds, and nothing else, is found.</summary>
public sealed class SchemaCheckTests
{
    private static readonly string[] s_values =
    [
        "null", "true", "3", "2.5", "-1000", "1000000", "\"any\"", "\"studio\"", "\"\"", "[]", "[1]", "{}",
        """{"min":2}""", """{"min":2,"max":3}""", """{"max":3,"min":0.25,"mid":1}""", """{"min":"a","max":null}""",
        """{"min":-99999,"max":99999}""", """{"friction":{"min":0,"max":7}}""", """{"azimuth":[],"elevation":4}""",
    ];

    public static TheoryData<string> AllTasks => new(TaskCatalog.All.Select(t => t.Spec.Id));

    [Theory]
    [MemberData(nameof(AllTasks))]
    public async Task FaultsOf_WhatEveryFieldMayNotBe_AreThoseThatTheLibraryFinds(string task)
    {
        var text = OptionsReader.SchemaOf(TaskCatalog.Find(task).Spec);
        var library = await JsonSchema.FromJsonAsync(text, TestContext.Current.CancellationToken);
        using var schema = JsonDocument.Parse(text);
        var check = new SchemaCheck(schema.RootElement);
        string[] fields = [.. library.ActualProperties.Keys, "blokcs", "Palette"];

        foreach (var json in fields.SelectMany(field => s_values.Select(value => $$"""{"{{field}}":{{value}}}""")))
        {
            using var options = JsonDocument.Parse(json);
            Assert.Equal(
                $"{json}\n{Lines(FaultsOf(library, json))}", $"{json}\n{Lines(check.FaultsOf(options.RootElement))}");
        }
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("""{"pictureWidth":8,"prompt":7,"nothing":1,"camera":{"nothing":2}}""")]
    public async Task FaultsOf_SeveralFaults_AreThoseThatTheLibraryFinds(string json)
    {
        var text = OptionsReader.SchemaOf(new Stability().Spec);
        var library = await JsonSchema.FromJsonAsync(text, TestContext.Current.CancellationToken);
        using var schema = JsonDocument.Parse(text);
        using var options = JsonDocument.Parse(json);

        var found = new SchemaCheck(schema.RootElement).FaultsOf(options.RootElement);

        Assert.NotEmpty(found);
        Assert.Equal(Lines(FaultsOf(library, json)), Lines(found));
    }

    [Theory]
    [MemberData(nameof(AllTasks))]
    public void Write_Defaults_IsWhatReflectionWrites(string task)
    {
        var options = OptionsReader.DefaultsOf(TaskCatalog.Find(task).Spec);
        var reflecting = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };

        Assert.Equal(JsonSerializer.Serialize(options, options.GetType(), reflecting), OptionsReader.Write(options));
    }

    private static string Lines(IEnumerable<OptionFault> faults) =>
        string.Join('\n', faults.Select(fault => $"{fault.Path}: {fault.Message}"));

    private static List<OptionFault> FaultsOf(JsonSchema library, string json)
    {
        var faults = new List<OptionFault>();
        foreach (var error in library.Validate(json))
        {
            Collect(error, faults);
        }

        return faults;
    }

    private static void Collect(ValidationError error, List<OptionFault> faults)
    {
        if (error is ChildSchemaValidationError group)
        {
            foreach (var inner in group.Errors.Values.SelectMany(errors => errors))
            {
                Collect(inner, faults);
            }

            return;
        }

        var path = (error.Path ?? "").TrimStart('#', '/').Replace('/', '.');
        var name = path.Length > 0 ? path : "options";
        faults.Add(new(name, Sentence(path, name, error)));
    }

    private static string Sentence(string path, string name, ValidationError error) => error.Kind switch
    {
        ValidationErrorKind.NoAdditionalPropertiesAllowed => $"'{name}' is not an option."
            + KnownNames.Hint(path[(path.LastIndexOf('.') + 1)..], error.Schema.ActualSchema.Properties.Keys),
        ValidationErrorKind.NumberTooSmall or ValidationErrorKind.NumberTooBig =>
            $"'{name}' is {(double)error.Token!}; it must lie in [{(double)error.Schema.Minimum!}, "
            + $"{(double)error.Schema.Maximum!}].",
        ValidationErrorKind.NotInEnumeration =>
            $"'{name}' must be one of {string.Join(", ", error.Schema.ActualSchema.Enumeration)}.",
        ValidationErrorKind.StringTooLong => $"'{name}' has more than {error.Schema.MaxLength} characters.",
        ValidationErrorKind.PropertyRequired => $"'{name}' is missing.",
        _ => $"'{name}' is not legal ({Words(error.Kind)}).",
    };

    private static string Words(ValidationErrorKind kind) => JsonNamingPolicy.SnakeCaseLower
        .ConvertName(kind.ToString()).Replace('_', ' ');
}
