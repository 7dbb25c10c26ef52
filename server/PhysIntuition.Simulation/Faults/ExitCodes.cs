namespace PhysIntuition.Faults;

/// <summary>What the programs end with.</summary>
public static class ExitCodes
{
    /// <summary>All is done.</summary>
    public const int Done = 0;

    /// <summary>Something failed on the way, or somebody stopped it.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or a setting, asks for something that there is not.</summary>
    public const int WrongUsage = 2;

    /// <summary>The code of a failure.</summary>
    public static int Of(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [var only] } => Of(only),
        PhysIntuitionException fault => Of(fault.Fault),
        { InnerException: PhysIntuitionException fault } => Of(fault.Fault),   // a call in this process was refused
        ArgumentException or NotSupportedException => WrongUsage,
        _ => Failed,
    };

    /// <summary>The code of a fault.</summary>
    public static int Of(Fault fault) => fault is Fault.InvalidArgument or Fault.NotFound ? WrongUsage : Failed;
}
