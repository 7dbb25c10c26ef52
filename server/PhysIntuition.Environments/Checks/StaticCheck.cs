namespace PhysIntuition.Environments.Checks;

/// <summary>One tower on which the simulation and the centre-of-mass criterion disagree.</summary>
/// <param name="Tower">Number of the tower.</param>
/// <param name="Blocks">Its number of blocks.</param>
/// <param name="Margin">By the criterion, over a block's width.</param>
/// <param name="HasFallen">What the simulation says.</param>
public readonly record struct Disagreement(int Tower, int Blocks, double Margin, bool HasFallen)
{
    /// <summary>One line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"tower {Tower}: {Blocks} blocks, margin {Margin:0.0000}, simulation says {(HasFallen ? "falls" : "stands")}");
}

/// <summary>Compares settled outcomes with the exact centre-of-mass criterion on towers of one column.</summary>
/// <param name="Towers">How many towers.</param>
/// <param name="Far">Those with a margin above 5 % of a block's width, either way.</param>
/// <param name="FarAgreeing">Of those, how many agree.</param>
/// <param name="Disagreements">All that disagree, near ones included.</param>
public sealed record StaticCheck(int Towers, int Far, int FarAgreeing, IReadOnlyList<Disagreement> Disagreements)
{
    private const double FarMargin = 0.05;

    /// <summary>Draws towers of 2 to 10 blocks, uniform in shift, without any filter, and settles them.</summary>
    public static StaticCheck Run(ISimulator simulator, int towers = 2000)
    {
        var (worlds, margins) = (new World[towers], new double[towers]);
        for (var i = 0; i < towers; i++)
        {
            (worlds[i], margins[i]) = Draw(i);
        }

        var outcomes = new Outcome[towers];
        simulator.Settle(worlds, Settling.ToRestOf(worlds[0], 1f), outcomes);
        var (far, agreeing, disagreements) = (0, 0, new List<Disagreement>());
        for (var i = 0; i < towers; i++)
        {
            var (isFar, hasFallen) = (Math.Abs(margins[i]) > FarMargin, Settling.HasAnyFallen(outcomes[i]));
            var agrees = hasFallen == margins[i] < 0;
            far += isFar ? 1 : 0;
            agreeing += isFar && agrees ? 1 : 0;
            if (!agrees)
            {
                disagreements.Add(new(i, worlds[i].Bodies.Count, margins[i], hasFallen));
            }
        }

        return new(towers, far, agreeing, disagreements);
    }

    private static (World World, double Margin) Draw(int index)
    {
        var random = new RandomStream((ulong)index, stream: 0x57A71C);
        var column = Staging.Towers.Rent(random.NextInt(2, 11));
        var (world, x, y) = (new World(), 0.0, 0f);
        for (var k = 0; k < column.Count; k++)
        {
            x += k == 0 ? 0 : random.NextFloat(-0.6f, 0.6f) / Math.Sqrt(column.Count - 1);
            (column.X[k], column.Widths[k], column.Heights[k]) = ((float)x, 1, 1);
            world.Bodies.Add(Scenery.Cuboid(world, new((float)x, y + 0.5f, 0f), new Vector3(0.5f), density: 500));
            y += 1f;
        }

        return (world, column.Margin(out _, out _));
    }
}
