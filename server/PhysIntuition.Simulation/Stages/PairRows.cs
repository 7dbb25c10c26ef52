namespace PhysIntuition.Simulation.Stages;

/// <summary>The rows of a contact between two bodies; <see cref="ContactSolver{V}"/> explains the symbols.</summary>
/// <remarks>Sums are trees: latency, not work, is what limits here.</remarks>
internal unsafe struct PairRows<V> : IContactRows<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private readonly WideContact<V>* _contact;
    private readonly WideBody<V>* _a, _b;
    private Wide3<V> _vA, _sA, _vB, _sB;

    [MethodImpl(Inline)]
    public PairRows(WideContact<V>* contact, WideBody<V>* a, WideBody<V>* b)
    {
        _contact = contact;
        _a = a;
        _b = b;
        _vA = a->Motion.Velocity;
        _sA = a->Motion.Spin;
        _vB = b->Motion.Velocity;
        _sB = b->Motion.Spin;
    }

    [MethodImpl(Inline)]
    public void Friction(WidePoint<V>* p)
    {
        Wide3<V>* t1 = &_contact->Tangent1, t2 = &_contact->Tangent2;
        V x = _vB.X - _vA.X, y = _vB.Y - _vA.Y, z = _vB.Z - _vA.Z;
        var v1 = V.Dot((V*)t1, x, y, z) + Wide3<V>.Dot(&p->Tangent1.ArmB, _sB) - Wide3<V>.Dot(&p->Tangent1.ArmA, _sA);
        var v2 = V.Dot((V*)t2, x, y, z) + Wide3<V>.Dot(&p->Tangent2.ArmB, _sB) - Wide3<V>.Dot(&p->Tangent2.ArmA, _sA);
        PointRows<V>.Friction(p, _contact->Friction, v1, v2, out var j1, out var j2);
        V wA = -_a->InverseMass, wB = _b->InverseMass;
        V jA1 = j1 * wA, jA2 = j2 * wA, jB1 = j1 * wB, jB2 = j2 * wB;
        Wide3<V>.Add(ref _vA, t2, jA2);
        Wide3<V>.Add(ref _sA, &p->Tangent2.ArmA, jA2);
        Wide3<V>.Add(ref _vB, t2, jB2);
        Wide3<V>.Add(ref _sB, &p->Tangent2.ArmB, jB2);
        Wide3<V>.Add(ref _vA, t1, jA1);
        Wide3<V>.Add(ref _sA, &p->Tangent1.ArmA, jA1);
        Wide3<V>.Add(ref _vB, t1, jB1);
        Wide3<V>.Add(ref _sB, &p->Tangent1.ArmB, jB1);
    }

    [MethodImpl(Inline)]
    public readonly V Separation(WidePoint<V>* p)
    {
        Wide3<V>* a = &_a->Shift.Velocity, b = &_b->Shift.Velocity;
        var shift = V.Dot((V*)&_contact->Normal, b->X - a->X, b->Y - a->Y, b->Z - a->Z, p->Separation);
        return Wide3<V>.Dot(&p->Normal.ArmB, _b->Shift.Spin, shift) - Wide3<V>.Dot(&p->Normal.ArmA, _a->Shift.Spin);
    }

    [MethodImpl(Inline)]
    public void Normal(WidePoint<V>* p, V bias)
    {
        var n = &_contact->Normal;
        var v = V.Dot((V*)n, _vB.X - _vA.X, _vB.Y - _vA.Y, _vB.Z - _vA.Z, bias)
            + Wide3<V>.Dot(&p->Normal.ArmB, _sB) - Wide3<V>.Dot(&p->Normal.ArmA, _sA);
        var j = PointRows<V>.Normal(p, v);
        V jA = j * -_a->InverseMass, jB = j * _b->InverseMass;
        Wide3<V>.Add(ref _vA, n, jA);
        Wide3<V>.Add(ref _sA, &p->Normal.ArmA, jA);
        Wide3<V>.Add(ref _vB, n, jB);
        Wide3<V>.Add(ref _sB, &p->Normal.ArmB, jB);
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
