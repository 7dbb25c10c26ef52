using System.Runtime.CompilerServices;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Stages;

/// <summary>Restitution: an impact in this substep leaves at a share of the speed with which it came.</summary>
/// <remarks>
/// <para>Layout: only contacts whose restitution is above 0; only lanes with an impact change.</para>
/// <para>Stages: 1 find impacts, 2 extra passes, 3 forget the impact's impulses.</para>
/// <para>Reference: the one-lane instance.</para>
/// <para>Source: Newton's law of impact on the normal velocity before the contacts acted.</para>
/// </remarks>
internal static unsafe class BounceStage<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Stage = MethodImplOptions.NoInlining;

    /// <summary>Sets each point's wanted speed; returns the lanes with an impact.</summary>
    public static V Find(Bundle<V> bundle)
    {
        var lanes = V.Zero;
        for (var i = 0; i < bundle.LinkCount; i++)
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
    public static void Settle(Bundle<V> bundle, V lanes)
    {
        Exchange(bundle, V.Zero, save: true);
        for (var pass = 0; pass < bundle.Settings.BouncePasses; pass++)
        {
            ContactSolver<V>.Rigid(bundle, (pass & 1) == 0);
        }

        Exchange(bundle, lanes, save: false);
    }

    /// <summary>An impact is over after its substep and must not be expected again in the next.</summary>
    public static void Forget(Bundle<V> bundle, V lanes)
    {
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
                var p = Point(bundle, bundle.Links[i], k);
                for (var j = 0; j < 3; j++)
                {
                    p[ContactField.NormalImpulse + j] = V.Select(lanes, V.Zero, p[ContactField.NormalImpulse + j]);
                }

                p[ContactField.Bounce] = V.Zero;
            }
        }
    }

    private static V* Point(Bundle<V> bundle, in ContactLink link, int k) =>
        bundle.Contact(link.Id) + ContactField.Header + (k * ContactField.PointCount);

    [MethodImpl(Stage)]
    private static V Find(Bundle<V> bundle, in ContactLink link)
    {
        var contact = bundle.Contact(link.Id);
        var lanes = V.Zero;
        for (var k = 0; k < link.Points; k++)
        {
            var p = Point(bundle, link, k);
            var b = bundle.Body(link.B);
            var speed = Along(contact, p + ContactField.NormalArmB, b + BodyField.FreeVelocity);
            var gap = p[ContactField.Separation] + Along(contact, p + ContactField.NormalArmB, b + BodyField.Shift);
            if (link.A >= 0)
            {
                var a = bundle.Body(link.A);
                speed -= Along(contact, p + ContactField.NormalArmA, a + BodyField.FreeVelocity);
                gap -= Along(contact, p + ContactField.NormalArmA, a + BodyField.Shift);
            }

            var hits = V.And(
                V.Less(V.Fma(speed, V.Splat(bundle.Settings.Substep), gap), V.Zero),
                V.Less(speed, V.Splat(-bundle.Settings.BounceThreshold)));
            hits = V.And(hits, V.And(
                V.Greater(contact[ContactField.Restitution], V.Zero), V.Greater(p[ContactField.NormalMass], V.Zero)));
            p[ContactField.Bounce] = V.Select(hits, -speed * contact[ContactField.Restitution], V.Zero);
            lanes = V.Or(lanes, hits);
        }

        return lanes;
    }

    /// <summary>What a vector and a spin-like vector contribute along the normal row.</summary>
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
                var p = Point(bundle, bundle.Links[i], k);
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
