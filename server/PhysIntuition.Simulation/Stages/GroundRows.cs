namespace PhysIntuition.Simulation.Stages;

/// <summary>The rows of a body on the ground: <see cref="PairRows{V}"/> with wA = 0, normal y, tangents x, z.</summary>
internal unsafe struct GroundRows<V> : IContactRows<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private readonly WideContact<V>* _contact;
    private readonly WideBody<V>* _b;
    private Wide3<V> _vB, _sB;

    [MethodImpl(Inline)]
    public GroundRows(WideContact<V>* contact, WideBody<V>* b)
    {
        _contact = contact;
        _b = b;
        _vB = b->Motion.Velocity;
        _sB = b->Motion.Spin;
    }

    [MethodImpl(Inline)]
    public void Friction(WidePoint<V>* p)
    {
        Wide3<V>* arm1 = &p->Tangent1.ArmB, arm2 = &p->Tangent2.ArmB;
        var v1 = V.Fma(arm1->X, _sB.X, _vB.X) + V.Fma(arm1->Y, _sB.Y, arm1->Z * _sB.Z);
        var v2 = V.Fma(arm2->X, _sB.X, _vB.Z) + V.Fma(arm2->Y, _sB.Y, arm2->Z * _sB.Z);
        PointRows<V>.Friction(p, _contact->Friction, v1, v2, out var j1, out var j2);
        V jB1 = j1 * _b->InverseMass, jB2 = j2 * _b->InverseMass;
        _vB.X += jB1;
        _vB.Z += jB2;
        Wide3<V>.Add(ref _sB, arm2, jB2);
        Wide3<V>.Add(ref _sB, arm1, jB1);
    }

    [MethodImpl(Inline)]
    public readonly V Separation(WidePoint<V>* p) =>
        Wide3<V>.Dot(&p->Normal.ArmB, _b->Shift.Spin, _b->Shift.Velocity.Y + p->Separation);

    [MethodImpl(Inline)]
    public void Normal(WidePoint<V>* p, V bias)
    {
        var arm = &p->Normal.ArmB;
        var v = V.Fma(arm->X, _sB.X, _vB.Y + bias) + V.Fma(arm->Y, _sB.Y, arm->Z * _sB.Z);
        var jB = PointRows<V>.Normal(p, v) * _b->InverseMass;
        _vB.Y += jB;
        Wide3<V>.Add(ref _sB, arm, jB);
    }

    [MethodImpl(Inline)]
    public readonly void Store()
    {
        _b->Motion.Velocity = _vB;
        _b->Motion.Spin = _sB;
    }
}
