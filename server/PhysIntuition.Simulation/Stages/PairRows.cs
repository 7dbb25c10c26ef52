using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>The rows of a contact between two bodies; <see cref="ContactSolver{V}"/> explains the symbols.</summary>
/// <remarks>Sums are trees: latency, not work, is what limits here.</remarks>
internal unsafe struct PairRows<V> : IContactRows<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private readonly WideContact<V>* _contact;
    private readonly WideBody<V>* _a, _b;
    private readonly V _wA, _wB;
    private Wide3<V> _vA, _sA, _vB, _sB;

    [MethodImpl(Inline)]
    public PairRows(WideContact<V>* contact, WideBody<V>* a, WideBody<V>* b)
    {
        _contact = contact;
        _a = a;
        _b = b;
        _wA = a->InverseMass;
        _vA = a->Motion.Velocity;
        _sA = a->Motion.Spin;
        _wB = b->InverseMass;
        _vB = b->Motion.Velocity;
        _sB = b->Motion.Spin;
    }

    [MethodImpl(Inline)]
    public void Friction(WidePoint<V>* p, V mu)
    {
        var slip = _vB - _vA;
        var v1 = Wide3<V>.Dot(_contact->Tangent1, slip) + Wide3<V>.Dot(p->Tangent1.ArmB, _sB)
            - Wide3<V>.Dot(p->Tangent1.ArmA, _sA);
        var v2 = Wide3<V>.Dot(_contact->Tangent2, slip) + Wide3<V>.Dot(p->Tangent2.ArmB, _sB)
            - Wide3<V>.Dot(p->Tangent2.ArmA, _sA);
        PointRows<V>.Friction(p, mu, v1, v2, out var j1, out var j2);
        V jA1 = j1 * -_wA, jA2 = j2 * -_wA, jB1 = j1 * _wB, jB2 = j2 * _wB;
        _vA = Wide3<V>.Fma(_contact->Tangent1, jA1, Wide3<V>.Fma(_contact->Tangent2, jA2, _vA));
        _sA = Wide3<V>.Fma(p->Tangent1.ArmA, jA1, Wide3<V>.Fma(p->Tangent2.ArmA, jA2, _sA));
        _vB = Wide3<V>.Fma(_contact->Tangent1, jB1, Wide3<V>.Fma(_contact->Tangent2, jB2, _vB));
        _sB = Wide3<V>.Fma(p->Tangent1.ArmB, jB1, Wide3<V>.Fma(p->Tangent2.ArmB, jB2, _sB));
    }

    [MethodImpl(Inline)]
    public readonly V Separation(WidePoint<V>* p)
    {
        var shift = Wide3<V>.Dot(_contact->Normal, _b->Shift.Velocity - _a->Shift.Velocity, p->Separation);
        return Wide3<V>.Dot(p->Normal.ArmB, _b->Shift.Spin, shift) - Wide3<V>.Dot(p->Normal.ArmA, _a->Shift.Spin);
    }

    [MethodImpl(Inline)]
    public void Normal(WidePoint<V>* p, V bias)
    {
        var v = Wide3<V>.Dot(_contact->Normal, _vB - _vA, bias) + Wide3<V>.Dot(p->Normal.ArmB, _sB)
            - Wide3<V>.Dot(p->Normal.ArmA, _sA);
        var j = PointRows<V>.Normal(p, v);
        V jA = j * -_wA, jB = j * _wB;
        _vA = Wide3<V>.Fma(_contact->Normal, jA, _vA);
        _sA = Wide3<V>.Fma(p->Normal.ArmA, jA, _sA);
        _vB = Wide3<V>.Fma(_contact->Normal, jB, _vB);
        _sB = Wide3<V>.Fma(p->Normal.ArmB, jB, _sB);
    }

    [MethodImpl(Inline)]
    public readonly void Store()
    {
        _a->Motion.Velocity = _vA;
        _a->Motion.Spin = _sA;
        _b->Motion.Velocity = _vB;
        _b->Motion.Spin = _sB;
    }
}
