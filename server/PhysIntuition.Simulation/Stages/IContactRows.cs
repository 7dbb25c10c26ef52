using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>The rows of a contact, with the motion of its bodies: of a pair, or of one body on the ground.</summary>
/// <remarks>
/// Structures whose methods are inlined: the solver's loop is compiled for each and keeps the motion in registers, as
/// long as fields are assigned one by one (tuples and structures in one go through memory).
/// </remarks>
internal unsafe interface IContactRows<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Both friction rows of a point, with this coefficient.</summary>
    void Friction(WidePoint<V>* p, V mu);

    /// <summary>Present separation of a point, m.</summary>
    V Separation(WidePoint<V>* p);

    /// <summary>The normal row of a point, with this bias.</summary>
    void Normal(WidePoint<V>* p, V bias);

    /// <summary>Writes the motion back.</summary>
    void Store();
}
