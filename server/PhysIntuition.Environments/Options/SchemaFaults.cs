using NJsonSchema.Validation;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Options;

/// <summary>Says in sentences what a schema found.</summary>
internal static class SchemaFaults
{
    /// <summary>Adds one error, or those inside it when it is a group.</summary>
    public static void Collect(ValidationError error, List<OptionFault> faults)
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
        faults.Add(new(path.Length > 0 ? path : "options", Sentence(path, error)));
    }

    private static string Sentence(string path, ValidationError error)
    {
        var name = path.Length > 0 ? path : "options";
        var schema = error.Schema;

        return error.Kind switch
        {
            ValidationErrorKind.NoAdditionalPropertiesAllowed => $"'{name}' is not an option."
                + KnownNames.Hint(path[(path.LastIndexOf('.') + 1)..], schema.ActualSchema.Properties.Keys),
            ValidationErrorKind.NumberTooSmall => $"'{name}' is below {schema.Minimum}.",
            ValidationErrorKind.NumberTooBig => $"'{name}' is above {schema.Maximum}.",
            ValidationErrorKind.NotInEnumeration =>
                $"'{name}' must be one of {string.Join(", ", schema.ActualSchema.Enumeration)}.",
            ValidationErrorKind.StringTooLong => $"'{name}' has more than {schema.MaxLength} characters.",
            ValidationErrorKind.PropertyRequired => $"'{name}' is missing.",
            _ => $"'{name}' is not legal ({Words(error.Kind)}).",
        };
    }

    private static string Words(ValidationErrorKind kind) => string.Concat(
        kind.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()))
        .ToLowerInvariant();
}
