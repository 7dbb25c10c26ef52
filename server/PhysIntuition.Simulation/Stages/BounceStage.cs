using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Impacts: a share of the approaching speed comes back, and flat faces land flat.</summary>
/// <remarks>
/// <para>Layout: only contacts that may bounce or meet fast; only lanes with an impact change.</para>
/// <para>Stages: 1 find impacts, 2 extra passes, 3 forget the impact's impulses.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: Newton's law of impact on the normal velocity before the contacts acted.</para>
/// </remarks>
internal static unsafe class BounceStage<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    /// <summary>Marks the lanes that can bounce or in which the bodies meet fast; false if there are none.</summary>
    /// <remarks>Decided once per step, lane by lane: a lane must not be looked at because its neighbour is.</remarks>
    [MethodImpl(Stage)]
    public static bool Watch(Bundle<V> bundle, in ContactLink link)
    {
        var fastest = V.Zero;
        for (var k = 0; k < link.Points; k++)
        {
            var p = bundle.Point(link, k);
            var speed = Along(bundle, link, p, BodyField.Velocity);
            fastest = V.Min(V.Select(V.Greater(p[ContactField.NormalMass], V.Zero), speed, V.Zero), fastest);
        }

        var contact = bundle.Contact(link.Id);
        var watched = V.Or(V.Greater(contact[ContactField.Restitution], V.Zero),
            V.Less(fastest, V.Splat(-0.5f * bundle.Settings.BlowThreshold)));
        contact[ContactField.Watched] = watched;
        return V.Any(watched);
    }

    /// <summary>Sets each point's wanted speed; returns the lanes with an impact.</summary>
    public static V Find(Bundle<V> bundle)
    {
        var lanes = V.Zero;
        for (var i = 0; bundle.HasBounces && i < bundle.LinkCount; i++)
        {
            var link = bundle.Links[i];
            if (link.CanBounce)
            {
                lanes = V.Or(lanes, Find(bundle, link));
            }
        }

        return lanes;
    }

    /// <summary>Extra rigid passes in the lanes with an impact: one pass does not level four corners.</summary>
    public static void Level(Bundle<V> bundle, V lanes)
    {
        if (!V.Any(lanes))
        {
            return;
        }

        Exchange(bundle, V.Zero, save: true);
        for (var pass = 0; pass < bundle.Settings.BouncePasses; pass++)
        {
            ContactSolver<V>.Pass(bundle, isSoft: false, isBackward: (pass & 1) == 0);
        }

        Exchange(bundle, lanes, save: false);
    }

    /// <summary>An impact is over after its substep and must not be expected again in the next.</summary>
    public static void Forget(Bundle<V> bundle, V lanes)
    {
        if (!V.Any(lanes))
        {
            return;
        }

        for (var i = 0; i < bundle.BodyCount; i++)
        {
            var o = bundle.Body(i);
            for (var k = 0; k < 6; k++)
            {
                o[BodyField.FreeVelocity + k] =
                    V.Select(lanes, o[BodyField.Velocity + k], o[BodyField.FreeVelocity + k]);
            }
        }

        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; k < bundle.Links[i].Points; k++)
            {
                var p = bundle.Point(bundle.Links[i], k);
                for (var j = 0; j < 3; j++)
                {
                    p[ContactField.NormalImpulse + j] = V.Select(lanes, V.Zero, p[ContactField.NormalImpulse + j]);
                }

                p[ContactField.Bounce] = V.Zero;
            }
        }
    }

    [MethodImpl(Stage)]
    private static V Find(Bundle<V> bundle, in ContactLink link)
    {
        var contact = bundle.Contact(link.Id);
        var slowest = V.Select(V.Greater(contact[ContactField.Restitution], V.Zero),
            V.Splat(-bundle.Settings.BounceThreshold), V.Splat(-bundle.Settings.BlowThreshold));
        var lanes = V.Zero;
        for (var k = 0; k < link.Points; k++)
        {
            var p = bundle.Point(link, k);
            var speed = Along(bundle, link, p, BodyField.FreeVelocity);
            var gap = p[ContactField.Separation] + Along(bundle, link, p, BodyField.Shift);

            var hits = V.And(
                V.Less(V.Fma(speed, V.Splat(bundle.Settings.Substep), gap), V.Zero), V.Less(speed, slowest));
            hits = V.And(V.And(hits, contact[ContactField.Watched]), V.Greater(p[ContactField.NormalMass], V.Zero));
            p[ContactField.Bounce] = V.Select(hits, -speed * contact[ContactField.Restitution], V.Zero);
            lanes = V.Or(lanes, hits);
        }

        return lanes;
    }

    /// <summary>B's motion less A's along a point's normal row.</summary>
    private static V Along(Bundle<V> bundle, in ContactLink link, V* p, int field)
    {
        var contact = bundle.Contact(link.Id);
        var along = Along(contact, p + ContactField.NormalArmB, bundle.Body(link.B) + field);
        return link.A < 0 ? along : along - Along(contact, p + ContactField.NormalArmA, bundle.Body(link.A) + field);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Along(V* direction, V* arm, V* motion) =>
        V.Fma(direction[0], motion[0], V.Fma(direction[1], motion[1], V.Fma(direction[2], motion[2],
            V.Fma(arm[0], motion[3], V.Fma(arm[1], motion[4], arm[2] * motion[5])))));

    /// <summary>Saves all motion and impulses, or puts them back in the lanes that are not given.</summary>
    [MethodImpl(Stage)]
    private static void Exchange(Bundle<V> bundle, V lanes, bool save)
    {
        for (var i = 0; i < bundle.BodyCount; i++)
        {
            Exchange(bundle.Body(i), BodyField.Velocity, BodyField.Saved, 6, lanes, save);
        }

        for (var i = 0; i < bundle.LinkCount; i++)
        {
            for (var k = 0; k < bundle.Links[i].Points; k++)
            {
                var p = bundle.Point(bundle.Links[i], k);
                Exchange(p, ContactField.NormalImpulse, ContactField.Saved, 3, lanes, save);
            }
        }
    }

    private static void Exchange(V* record, int field, int saved, int count, V lanes, bool save)
    {
        for (var k = 0; k < count; k++)
        {
            if (save)
            {
                record[saved + k] = record[field + k];
            }
            else
            {
                record[field + k] = V.Select(lanes, record[field + k], record[saved + k]);
            }
        }
    }
}
