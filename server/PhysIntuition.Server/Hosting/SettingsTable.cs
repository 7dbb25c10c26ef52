using System.Reflection;
using System.Xml.Linq;

namespace PhysIntuition.Server.Hosting;

/// <summary>All settings as a table: key, variable, default, meaning. The documentation holds a copy.</summary>
internal static class SettingsTable
{
    /// <summary>The table in Markdown.</summary>
    public static string Write()
    {
        var meanings = Sections.OfServer.All.Select(section => section.Type.Assembly.GetName().Name).Distinct()
            .Select(assembly => Path.Combine(AppContext.BaseDirectory, $"{assembly}.xml")).Where(File.Exists)
            .SelectMany(file => Meanings(XDocument.Load(file))).ToDictionary();
        var table = new StringBuilder("| key | environment | default | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var (path, type) in Sections.OfServer.All)
        {
            var section = path[(Configuration.Root.Length + 1)..];
            var defaults = Activator.CreateInstance(type);
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite))
            {
                var key = $"{section}:{property.Name}";
                var variable = (Configuration.EnvironmentPrefix + key.Replace(":", "__", StringComparison.Ordinal))
                    .ToUpperInvariant();
                var meaning = meanings.GetValueOrDefault($"P:{type.FullName}.{property.Name}", "");
                table.Append(CultureInfo.InvariantCulture,
                    $"| `{key}` | `{variable}` | {Show(property.GetValue(defaults))} | {meaning} |\n");
            }
        }

        return table.ToString();
    }

    private static string Show(object? value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? $"`{text}`" : "";

    private static Dictionary<string, string> Meanings(XDocument documentation) =>
        documentation.Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(
                member => (string)member.Attribute("name")!, member => Plain(member.Element("summary")!));

    // References become the last part of their name; line breaks become blanks.
    private static string Plain(XElement summary)
    {
        var words = summary.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" } see => $"`{((string?)see.Attribute("cref"))?.Split('.')[^1]}`",
            XElement element => element.Value,
            _ => "",
        });
        return string.Join(' ', string.Concat(words).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
