namespace PhysIntuition.Server.Hosting;

/// <summary>Finds settings that nothing reads: a misspelt limit must not be ignored.</summary>
internal static class UnknownSettings
{
    /// <summary>A sentence for each unknown setting below the root.</summary>
    /// <param name="configuration">All settings.</param>
    /// <param name="sections">Section path and the record that it is bound to.</param>
    public static List<string> Find(IConfiguration configuration, IReadOnlyDictionary<string, Type> sections)
    {
        var faults = new List<string>();
        foreach (var section in configuration.GetSection(Configuration.Root).GetChildren())
        {
            var type = sections.FirstOrDefault(
                pair => pair.Key.Equals(section.Path, StringComparison.OrdinalIgnoreCase)).Value;
            if (type is null)
            {
                var known = string.Join(", ", sections.Keys.Order(StringComparer.Ordinal));
                faults.Add($"{section.Path} is no section; there are {known}.");
                continue;
            }

            var names = type.GetProperties().Select(property => property.Name).ToList();
            faults.AddRange(section.GetChildren()
                .Where(key => !names.Contains(key.Key, StringComparer.OrdinalIgnoreCase))
                .Select(key => $"{key.Path} is no setting; {section.Path} has {string.Join(", ", names)}."));
        }

        return faults;
    }
}
