using System.Runtime.Intrinsics;

namespace PhysIntuition.Simulation.Lanes;

/// <summary>How many lanes the kernels run at. The bits of every result are the same at each.</summary>
public enum LaneWidth
{
    /// <summary>The widest that this processor runs in hardware.</summary>
    Widest = 0,

    /// <summary>The scalar twin.</summary>
    One = 1,

    /// <summary>256-bit registers.</summary>
    Eight = 8,

    /// <summary>512-bit registers.</summary>
    Sixteen = 16,
}

/// <summary>Chooses a lane width for this machine.</summary>
public static class LaneWidths
{
    /// <summary>The width to run at: the one wanted, or the widest that the hardware has registers for.</summary>
    /// <remarks>A register wider than the hardware's is emulated, ten times slower than the scalar twin.</remarks>
    /// <exception cref="PhysIntuitionException">There is no such width.</exception>
    public static LaneWidth Resolve(LaneWidth wanted) => wanted switch
    {
        LaneWidth.Widest when Vector512.IsHardwareAccelerated => LaneWidth.Sixteen,
        LaneWidth.Widest when Vector256.IsHardwareAccelerated => LaneWidth.Eight,
        LaneWidth.Widest => LaneWidth.One,
        LaneWidth.One or LaneWidth.Eight or LaneWidth.Sixteen => wanted,
        _ => throw new PhysIntuitionException(Fault.InvalidArgument, "lane_width",
            $"lane_width is {(int)wanted}; it must be 1, 8 or 16, or 0 for the widest. Take 0."),
    };
}
