namespace PhysIntuition.Simulation.Bundles;

/// <summary>One lane's world: copies it in and out of the bundle. Scalar; no stage of a step calls it.</summary>
internal sealed unsafe class LaneWorld<V>(Bundle<V> bundle, int lane) where V : unmanaged, ILanes<V>
{
    private const float FarAway = 1e9f;   // m; where a lane's unused slots wait, each alone: no body gets there

    private readonly int[] _bodyOfSlot = new int[World.MaxBodies];
    private readonly int[] _slotOfBody = new int[World.MaxBodies];
    private int _padded, _capacity;

    /// <summary>The world in this lane; null if the lane is idle.</summary>
    public World? World { get; private set; }

    /// <summary>Its place in the batch.</summary>
    public int Index { get; private set; }

    /// <summary>Steps since the world's time 0.</summary>
    public int StepNumber { get; set; }

    /// <summary>Copies a world in; the lane must be idle.</summary>
    public void Load(World world, int index, float fallDrop)
    {
        World = world;
        Index = index;
        StepNumber = (int)Math.Round(world.Time * (double)EngineConstants.StepsPerSecond);
        var isKnown = world.Cache is { } cache && cache.Fits(world);
        OrderSlots(world, isKnown);
        for (var slot = 0; slot < world.Bodies.Count; slot++)
        {
            LoadBody(world, slot, isKnown, fallDrop);
        }

        Occupy(world);
        if (isKnown)
        {
            LoadContacts(world.Cache!);
        }
        else
        {
            bundle.FreshLanes |= 1u << lane;
        }
    }

    /// <summary>Copies the state back and leaves the lane idle.</summary>
    public void Unload(bool atRest)
    {
        var world = World!;
        for (var slot = 0; slot < world.Bodies.Count; slot++)
        {
            StoreBody(world, slot, atRest);
        }

        world.Time = (float)(StepNumber / (double)EngineConstants.StepsPerSecond);
        StoreContacts(world);
        world.Cache!.Seal(world);
        Leave();
    }

    /// <summary>Takes over the world of another bundle's lane between two steps; this lane must be idle.</summary>
    public void TakeFrom(LaneWorld<V> other)
    {
        var world = other.World!;
        World = world;
        Index = other.Index;
        StepNumber = other.StepNumber;
        other._bodyOfSlot.CopyTo(_bodyOfSlot);
        other._slotOfBody.CopyTo(_slotOfBody);
        for (var slot = 0; slot < world.Bodies.Count; slot++)
        {
            float* from = other.First(slot), to = First(slot);
            for (var i = 0; i < sizeof(WideBody<V>) / sizeof(float); i += V.Count)
            {
                to[i] = from[i];
            }
        }

        Occupy(world);
        other.StoreContacts(world);
        LoadContacts(world.Cache!);
        other.Leave();
    }

    /// <summary>Fills all slots of an idle lane with bodies that touch nothing.</summary>
    public void Clear(int capacity)
    {
        Pad(0, capacity);
        _capacity = capacity;
        _padded = 0;
        World = null;
    }

    /// <summary>Which body of the world this is.</summary>
    public int BodyOf(int slot) => _bodyOfSlot[slot];

    /// <summary>Present centre of a body.</summary>
    public Vector3 PositionOf(int body) => Get(&bundle.Body(_slotOfBody[body])->Position);

    /// <summary>Takes a body out of the world where it is: it no longer moves.</summary>
    public void Freeze(int body)
    {
        var o = bundle.Body(_slotOfBody[body]);
        Set(&o->InverseMass, 0f);
        Set(&o->IsDynamic, 0f);
        Set(&o->Motion.Velocity, default);
        Set(&o->Motion.Spin, default);
        Set(&o->AngularVelocity, default);
        Set(&o->Push.Velocity, default);
    }

    /// <summary>Forces and impulses of the coming step; call before and after the bodies' frames are made.</summary>
    public void Push(bool hasFrames)
    {
        var world = World!;
        if (world.Pushes.Count == 0)
        {
            return;
        }

        var step = 1.0 / EngineConstants.StepsPerSecond;
        var begin = StepNumber * step;
        var end = (StepNumber + 1) * step;
        if (hasFrames)
        {
            ResetForces(world);
        }

        foreach (var push in world.Pushes)
        {
            var o = bundle.Body(_slotOfBody[push.Body]);
            if (push.Duration <= 0f && !hasFrames && push.Start >= begin && push.Start < end)
            {
                AddImpulse(o, push.Vector, push.Offset);
            }
            else if (push.Duration > 0f && hasFrames)
            {
                var overlap = Math.Min(end, push.Start + (double)push.Duration) - Math.Max(begin, push.Start);
                if (overlap > 0)
                {
                    AddForce(o, push.Vector * (float)(overlap / step), push.Offset);
                }
            }
        }
    }

    /// <summary>Whether a push still acts or is to come.</summary>
    public bool HasPushesLeft()
    {
        var now = StepNumber / (double)EngineConstants.StepsPerSecond;
        foreach (var push in World!.Pushes)
        {
            if (push.Start + (double)push.Duration >= now)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Fixed bodies first, then upwards: loads then travel along the order of the contacts.</summary>
    private void OrderSlots(World world, bool isKnown)
    {
        var count = world.Bodies.Count;
        for (var i = 0; i < count; i++)
        {
            var body = isKnown ? world.Cache!.BodyOfSlot[i] : i;
            var slot = i;
            while (!isKnown && slot > 0 && IsBelow(world.Bodies[body], world.Bodies[_bodyOfSlot[slot - 1]]))
            {
                _bodyOfSlot[slot] = _bodyOfSlot[slot - 1];
                slot--;
            }

            _bodyOfSlot[slot] = body;
        }

        for (var slot = 0; slot < count; slot++)
        {
            _slotOfBody[_bodyOfSlot[slot]] = slot;
        }
    }

    private static bool IsBelow(in Body a, in Body b)
    {
        var aMoves = a.Motion == Motion.Dynamic;
        return aMoves != (b.Motion == Motion.Dynamic) ? !aMoves : a.Position.Y < b.Position.Y;
    }

    private void LoadBody(World world, int slot, bool isKnown, float fallDrop)
    {
        var body = world.Bodies[_bodyOfSlot[slot]];
        var o = bundle.Body(slot);
        var isDynamic = body.Motion == Motion.Dynamic;
        var isFixed = body.Motion == Motion.Fixed;
        var half = body.HalfExtents;
        var gyration = isDynamic
            ? new Vector3((half.Y * half.Y) + (half.Z * half.Z), (half.X * half.X) + (half.Z * half.Z),
                (half.X * half.X) + (half.Y * half.Y)) / 3f
            : Vector3.One;
        Set(&o->Motion.Velocity, isFixed ? default : body.LinearVelocity);
        Set(&o->AngularVelocity, isFixed ? default : body.AngularVelocity);
        Set(&o->InverseMass, isDynamic ? 1f / body.Mass : 0f);
        Set(&o->Push.Velocity, isDynamic ? new Vector3(0f, -world.Gravity, 0f) : default);
        Set(&o->Push.Spin, default);
        Set(&o->Position, body.Position);
        Set(&o->HalfExtents, half);
        Set(&o->Orientation, isKnown ? body.Orientation : Normalised(body.Orientation));
        Set(&o->GyrationSquared, gyration);
        Set(&o->InverseGyration,
            new Vector3(1f / MathF.Sqrt(gyration.X), 1f / MathF.Sqrt(gyration.Y), 1f / MathF.Sqrt(gyration.Z)));
        Set(&o->Friction, body.Friction);
        Set(&o->Restitution, body.Restitution);
        Set(&o->IsDynamic, isDynamic ? 1f : 0f);
        Set(&o->FallHeight, body.Position.Y - fallDrop);
        BodyStage<V>.ComputeAxes(o);
    }

    private static Quaternion Normalised(Quaternion q)
    {
        var scale = 1f / MathF.Sqrt((q.X * q.X) + (q.Y * q.Y) + (q.Z * q.Z) + (q.W * q.W));
        return new Quaternion(q.X * scale, q.Y * scale, q.Z * scale, q.W * scale);
    }

    private void Pad(int from, int to)
    {
        for (var slot = from; slot < to; slot++)
        {
            var o = bundle.Body(slot);
            for (var packet = (V*)o; packet < o + 1; packet++)
            {
                Set(packet, 0f);
            }

            Set(&o->Position, new Vector3(FarAway * (slot + 1), FarAway, 0f));
            Set(&o->HalfExtents, Vector3.One);
            Set(&o->GyrationSquared, Vector3.One);
            Set(&o->InverseGyration, Vector3.One);
            Set(&o->Orientation, Quaternion.Identity);
            BodyStage<V>.ComputeAxes(o);
        }
    }

    /// <summary>The lane's number in the first packet of a body.</summary>
    private float* First(int slot) => (float*)bundle.Body(slot) + lane;

    /// <summary>What is the same for all bodies of a world, and slots that it leaves free.</summary>
    private void Occupy(World world)
    {
        Pad(world.Bodies.Count, _padded);
        _padded = world.Bodies.Count;
        fixed (V* height = &bundle.GroundHeight, friction = &bundle.GroundFriction, rebound = &bundle.GroundRestitution)
        {
            ((float*)height)[lane] = world.HasGround ? 0f : -1e18f;
            ((float*)friction)[lane] = world.GroundFriction;
            ((float*)rebound)[lane] = world.GroundRestitution;
        }
    }

    private void Leave()
    {
        var bodies = World!.Bodies.Count;
        Pad(0, bodies);
        RepairUnused(bodies);
        _padded = 0;
        World = null;
    }

    /// <summary>Non-numbers spread to the unused slots of their own lane; its next world must not find them.</summary>
    private void RepairUnused(int from)
    {
        for (var slot = from; slot < _capacity; slot++)
        {
            if (Get(&bundle.Body(slot)->Motion.Velocity.X) != 0f)
            {
                Pad(slot, slot + 1);
            }
        }
    }

    private void StoreBody(World world, int slot, bool atRest)
    {
        var o = bundle.Body(slot);
        var body = world.Bodies[_bodyOfSlot[slot]];
        body.Position = Get(&o->Position);
        body.Orientation = Get(&o->Orientation);
        if (body.Motion == Motion.Dynamic)
        {
            body.LinearVelocity = atRest ? default : Get(&o->Motion.Velocity);
            body.AngularVelocity = atRest ? default : Get(&o->AngularVelocity);
        }

        world.Bodies[_bodyOfSlot[slot]] = body;
    }

    private void StoreContacts(World world)
    {
        var cache = world.Cache ??= new ContactCache();
        cache.BodyOfSlot.Clear();
        cache.Contacts.Clear();
        for (var slot = 0; slot < world.Bodies.Count; slot++)
        {
            cache.BodyOfSlot.Add((byte)_bodyOfSlot[slot]);
        }

        for (var i = 0; i < bundle.LinkCount; i++)
        {
            StoreContact(cache.Contacts, bundle.Links[i]);
        }
    }

    private void StoreContact(List<float> to, in ContactLink link)
    {
        var contact = bundle.Contact(link.Id);
        var head = to.Count;
        var points = 0;
        for (var k = 0; k < bundle.PointCounts[link.Id]; k++)
        {
            var p = WideContact<V>.Point(contact, k);
            if (Get(&p->Feature) < 0f)
            {
                continue;
            }

            if (points++ == 0)
            {
                to.Add(link.A);
                to.Add(link.B);
                to.Add(0f);
                Add(to, Get(&contact->Tangent1));
                Add(to, Get(&contact->Tangent2));
            }

            to.Add(Get(&p->Feature));
            to.Add(Get(&p->Impulse.Normal));
            to.Add(Get(&p->Impulse.Tangent1));
            to.Add(Get(&p->Impulse.Tangent2));

            // The lane is idle from now on; the next world in it must not find these.
            Set(&p->Feature, -1f);
        }

        if (points > 0)
        {
            to[head + 2] = points;
        }
    }

    private void LoadContacts(ContactCache cache)
    {
        var data = cache.Contacts;
        for (var at = 0; at < data.Count;)
        {
            var a = (int)data[at];
            var b = (int)data[at + 1];
            var points = (int)data[at + 2];
            var id = a < 0 ? Bundle<V>.GroundId(b) : Bundle<V>.PairId(a, b);
            var contact = MakeRoom(id, points);
            Set(&contact->Tangent1, new Vector3(data[at + 3], data[at + 4], data[at + 5]));
            Set(&contact->Tangent2, new Vector3(data[at + 6], data[at + 7], data[at + 8]));
            at += 9;
            for (var k = 0; k < points; k++, at += 4)
            {
                var p = WideContact<V>.Point(contact, k);
                Set(&p->Feature, data[at]);
                Set(&p->Impulse.Normal, data[at + 1]);
                Set(&p->Impulse.Tangent1, data[at + 2]);
                Set(&p->Impulse.Tangent2, data[at + 3]);
            }
        }
    }

    /// <summary>Room for a lane's points of the last step; the other lanes find nothing new in it.</summary>
    private WideContact<V>* MakeRoom(int id, int points)
    {
        var contact = bundle.Contact(id);
        var known = bundle.Stamps[id] == bundle.Stamp ? bundle.PointCounts[id] : 0;
        for (var k = known; k < points; k++)
        {
            WideContact<V>.Point(contact, k)->Feature = V.Splat(-1f);
        }

        bundle.PointCounts[id] = Math.Max(known, points);
        bundle.Stamps[id] = bundle.Stamp;
        return contact;
    }

    private void ResetForces(World world)
    {
        foreach (var push in world.Pushes)
        {
            var o = bundle.Body(_slotOfBody[push.Body]);
            var isDynamic = Get(&o->IsDynamic) > 0f;
            Set(&o->Push.Velocity, isDynamic ? new Vector3(0f, -world.Gravity, 0f) : default);
            Set(&o->Push.Spin, default);
        }
    }

    private void AddForce(WideBody<V>* o, Vector3 force, Vector3 offset)
    {
        var w = Get(&o->InverseMass);
        var moment = Cross(offset, force);
        var spin = Get(&o->Push.Spin);
        for (var k = 0; k < 3; k++)
        {
            spin[k] += w * Dot(Get(Wide3x3<V>.Axis(&o->Frame, k)), moment);
        }

        Set(&o->Push.Spin, spin);
        Set(&o->Push.Velocity, Get(&o->Push.Velocity) + (force * w));
    }

    private void AddImpulse(WideBody<V>* o, Vector3 impulse, Vector3 offset)
    {
        var w = Get(&o->InverseMass);
        var moment = Cross(offset, impulse);
        var inverse = Get(&o->InverseGyration);
        var omega = Get(&o->AngularVelocity);
        for (var k = 0; k < 3; k++)
        {
            var axis = Get(Wide3x3<V>.Axis(&o->Axes, k));
            omega += axis * (w * inverse[k] * inverse[k] * Dot(axis, moment));
        }

        Set(&o->AngularVelocity, omega);
        Set(&o->Motion.Velocity, Get(&o->Motion.Velocity) + (impulse * w));
    }

    private static float Dot(Vector3 a, Vector3 b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    private static Vector3 Cross(Vector3 a, Vector3 b) =>
        new((a.Y * b.Z) - (a.Z * b.Y), (a.Z * b.X) - (a.X * b.Z), (a.X * b.Y) - (a.Y * b.X));

    private static void Add(List<float> to, Vector3 v)
    {
        to.Add(v.X);
        to.Add(v.Y);
        to.Add(v.Z);
    }

    // A negative zero comes out as zero.
    private float Get(V* packet) => ((float*)packet)[lane] + 0f;

    private Vector3 Get(Wide3<V>* v) => new(Get(&v->X), Get(&v->Y), Get(&v->Z));

    private Quaternion Get(WideQuaternion<V>* q) => new(Get(&q->X), Get(&q->Y), Get(&q->Z), Get(&q->W));

    private void Set(V* packet, float value) => ((float*)packet)[lane] = value;

    private void Set(Wide3<V>* to, Vector3 v)
    {
        Set(&to->X, v.X);
        Set(&to->Y, v.Y);
        Set(&to->Z, v.Z);
    }

    private void Set(WideQuaternion<V>* to, Quaternion q)
    {
        Set(&to->X, q.X);
        Set(&to->Y, q.Y);
        Set(&to->Z, q.Z);
        Set(&to->W, q.W);
    }
}
