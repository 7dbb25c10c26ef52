namespace PhysIntuition.Evaluation.Runs;

/// <summary>Dollars per million tokens, by model: a JSON file that its user keeps.</summary>
/// <param name="Date">When the prices held, for example "2026-11-01".</param>
/// <param name="Models">By the provider's name of a model; a dated id takes the price of the longest name that it
/// begins with.</param>
public sealed record Prices(string Date, Dictionary<string, Price> Models)
{
    /// <summary>An example of the file, which help and errors show.</summary>
    public const string Example =
        """{"date": "2026-11-01", "models": {"NAME": {"input": 2.5, "cached": 1.25, "output": 10}}}""";

    /// <summary>Reads the file.</summary>
    /// <exception cref="ArgumentException">It is absent or of another form.</exception>
    public static Prices Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Prices>(File.ReadAllText(path), RunFolder.Json)!;
        }
        catch (Exception wrong) when (wrong is JsonException or IOException)
        {
            throw new ArgumentException($"'--prices' is {path}: {wrong.Message} Write {Example}.", wrong);
        }
    }

    /// <summary>What tokens cost in dollars; null where no price is known.</summary>
    public double? Of(string model, TokenCount tokens)
    {
        var name = Models.Keys.Where(name => model.StartsWith(name, StringComparison.Ordinal))
            .MaxBy(name => name.Length);
        if (name is null)
        {
            return null;
        }

        const double million = 1e6;
        var price = Models[name];
        return (((tokens.Input - tokens.Cached) * price.Input) + (tokens.Cached * (price.Cached ?? price.Input))
            + (tokens.Output * price.Output)) / million;
    }
}

/// <summary>Dollars per million tokens.</summary>
/// <param name="Input">Read.</param>
/// <param name="Output">Written, reasoning included.</param>
/// <param name="Cached">Read from the provider's cache; null: as other input.</param>
public sealed record Price(double Input, double Output, double? Cached = null);
