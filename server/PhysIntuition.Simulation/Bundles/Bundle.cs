using System.Runtime.InteropServices;

namespace PhysIntuition.Simulation.Bundles;

/// <summary>The state of as many worlds as there are lanes: one lane is one world, never one contact.</summary>
/// <remarks>
/// Lanes share no sums and no decisions, so a world's bits do not depend on its neighbours: a lane without a given
/// body or contact adds exact zeros. Layout: records of packets, see <see cref="WideBody{V}"/> and
/// <see cref="WideContact{V}"/>. Everything is allocated once per capacity and 64-byte aligned.
/// </remarks>
internal sealed unsafe class Bundle<V> : IDisposable where V : unmanaged, ILanes<V>
{
    private WideBody<V>* _bodies;
    private WideContact<V>* _contacts;
    private Bundle<Lane1>? _oneLane;
    private int _capacity;

    public Bundle() => Work = (ContactWork<V>*)Allocate(sizeof(ContactWork<V>));

    ~Bundle() => Free();

    /// <summary>What the collision stages hand to one another.</summary>
    public ContactWork<V>* Work { get; private set; }

    /// <summary>Bodies of the lane with the most of them now; further slots are not looked at.</summary>
    public int BodyCount { get; set; }

    /// <summary>Per lane: height of the ground (very low if there is none), its friction, its restitution.</summary>
    public V GroundHeight;

    public V GroundFriction;

    public V GroundRestitution;

    /// <summary>Lanes whose world has no impulses from before; bit i is lane i.</summary>
    public uint FreshLanes { get; set; }

    /// <summary>Contacts of this step in solving order.</summary>
    public ContactLink[] Links { get; private set; } = [];

    public int LinkCount { get; set; }

    /// <summary>Contacts with the ground; they come first.</summary>
    public int GroundCount { get; set; }

    /// <summary>Whether a contact of this step can bounce or meets fast in some lane.</summary>
    public bool HasBounces { get; set; }

    /// <summary>Points of each contact at <see cref="Stamps"/>.</summary>
    public int[] PointCounts { get; private set; } = [];

    /// <summary>The step in which a contact was last prepared.</summary>
    public int[] Stamps { get; private set; } = [];

    /// <summary>Number of the current step; steps are counted per bundle.</summary>
    public int Stamp { get; set; } = 1;

    /// <summary>Room for one lane's world by itself.</summary>
    public Bundle<Lane1> OneLane
    {
        get
        {
            _oneLane ??= new();
            _oneLane.Reserve(_capacity);
            return _oneLane;
        }
    }

    public WideBody<V>* Body(int slot) => _bodies + slot;

    public WideContact<V>* Contact(int id) => _contacts + id;

    /// <summary>One point of a contact.</summary>
    public WidePoint<V>* Point(in ContactLink link, int k) => WideContact<V>.Point(Contact(link.Id), k);

    /// <summary>The contact of a body with the ground.</summary>
    public static int GroundId(int slot) => slot * (slot + 1) / 2;

    /// <summary>The contact of two bodies, <paramref name="a"/> below <paramref name="b"/> in slot order.</summary>
    public static int PairId(int a, int b) => (b * (b + 1) / 2) + 1 + a;

    /// <summary>Makes room for worlds of this many bodies; drops all lanes if it has to grow.</summary>
    public void Reserve(int bodies)
    {
        if (bodies <= _capacity)
        {
            return;
        }

        FreeRecords();
        var contacts = bodies * (bodies + 1) / 2;
        _bodies = (WideBody<V>*)Allocate((long)bodies * sizeof(WideBody<V>));
        _contacts = (WideContact<V>*)Allocate((long)contacts * sizeof(WideContact<V>));
        Links = new ContactLink[contacts];
        PointCounts = new int[contacts];
        Stamps = new int[contacts];
        _capacity = bodies;
    }

    public void Dispose()
    {
        _oneLane?.Dispose();
        Free();
        GC.SuppressFinalize(this);
    }

    private static void* Allocate(long bytes)
    {
        var memory = NativeMemory.AlignedAlloc((nuint)bytes, 64);
        NativeMemory.Clear(memory, (nuint)bytes);
        return memory;
    }

    private void FreeRecords()
    {
        NativeMemory.AlignedFree(_bodies);
        NativeMemory.AlignedFree(_contacts);
        _bodies = null;
        _contacts = null;
    }

    private void Free()
    {
        FreeRecords();
        NativeMemory.AlignedFree(Work);
        Work = null;
    }
}

/// <summary>One contact of a step: which record, which bodies, how many points.</summary>
/// <param name="Id">Record of the contact.</param>
/// <param name="A">Slot of the first body; -1 is the ground.</param>
/// <param name="B">Slot of the second body.</param>
/// <param name="Points">Points of the lane with the most of them, at least 1.</param>
/// <param name="CanBounce">Whether some lane's bodies can bounce or meet fast.</param>
internal readonly record struct ContactLink(int Id, int A, int B, int Points, bool CanBounce);
