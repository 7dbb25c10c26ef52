using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;

namespace PhysIntuition.Environments.Options;

/// <summary>The rules that attributes on option records stand for.</summary>
public static class OptionRules
{
    /// <summary>Every number of a record that its attribute does not allow: "steps is 0; must be at least 1."</summary>
    /// <param name="record">Any record whose properties carry <see cref="WithinAttribute"/>.</param>
    public static IEnumerable<string> CheckNumbers(object record) =>
        from property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
        let rule = property.GetCustomAttribute<WithinAttribute>()
        where rule is not null
        let value = Convert.ToDouble(property.GetValue(record), CultureInfo.InvariantCulture)
        where !rule.Allows(value)
        select string.Create(CultureInfo.InvariantCulture,
            $"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)} is {value}; must be {rule}.");

    /// <summary>Checks every range in a record and in the records inside it.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification =
        "Task options keep their properties by TaskSpec.OptionsType, the records inside them by these attributes.")]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(CameraOptions))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(LightOptions))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicProperties, typeof(PhysicsOptions))]
    internal static IEnumerable<OptionFault> CheckRanges(object record, string prefix = "")
    {
        foreach (var property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0 || property.GetValue(record) is not { } value)
            {
                continue;
            }

            var path = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            var faults = (value, property.GetCustomAttribute<WithinAttribute>()) switch
            {
                (Between range, { } rule) => CheckRange(path, range.Min, range.Max, rule),
                (NumberRange range, { } rule) => CheckRange(path, range.Min, range.Max, rule),
                (int number, _) => CheckNumber(path, number, property),
                (string text, _) => CheckText(path, text, property),
                _ when IsOptionRecord(value.GetType()) => CheckRanges(value, path + "."),
                _ => [],
            };
            foreach (var fault in faults)
            {
                yield return fault;
            }
        }
    }

    /// <summary>Whether a type is a record of options of this library.</summary>
    internal static bool IsOptionRecord(Type type) =>
        type.IsClass && type.Namespace?.StartsWith("PhysIntuition.Environments", StringComparison.Ordinal) == true;

    // Where single values are allowed, their owner names them.
    private static IEnumerable<OptionFault> CheckNumber(string path, int value, PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } rule && !rule.IsValid(value)
            && property.GetCustomAttribute<AllowedValuesAttribute>() is null)
        {
            yield return new(path, $"'{path}' is {value}; it must lie in [{rule.Minimum}, {rule.Maximum}].");
        }
    }

    private static IEnumerable<OptionFault> CheckText(string path, string text, PropertyInfo property)
    {
        if (property.GetCustomAttribute<StringLengthAttribute>() is { } rule && text.Length > rule.MaximumLength)
        {
            yield return new(path,
                $"'{path}' has {text.Length} characters; it must have at most {rule.MaximumLength}. Shorten it.");
        }
    }

    private static IEnumerable<OptionFault> CheckRange(string path, float min, float max, WithinAttribute rule)
    {
        // In single precision, as ranges are: 0.6 is legal where the largest value is 0.6.
        var (least, most) = ((float)rule.Min, (float)rule.Max);
        if (!(min >= least && min <= most))
        {
            yield return new(path + ".min", Message(path + ".min", min, rule));
        }

        if (!(max >= least && max <= most))
        {
            yield return new(path + ".max", Message(path + ".max", max, rule));
        }

        if (min > max)
        {
            yield return new(path, string.Create(CultureInfo.InvariantCulture,
                $"'{path}.min' is {min} and '{path}.max' is {max}; the minimum must not be above the maximum."));
        }
    }

    private static string Message(string path, float value, WithinAttribute rule) => string.Create(
        CultureInfo.InvariantCulture, $"'{path}' is {value}; it must lie in [{rule.Min}, {rule.Max}].");
}
