namespace PhysIntuition.Environments.Observations;

/// <summary>Which episode of a slot is looked at.</summary>
public enum ObservationTime
{
    /// <summary>The one that the slot is in: what the agent sees now, after the last answer its end.</summary>
    Now,

    /// <summary>The one that the last step finished in same-step mode, at its end.</summary>
    Final,
}
