using System.Numerics;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests;

/// <summary>Hashes change with everything that a picture or an outcome depends on, and with nothing else.</summary>
public sealed class SceneHashTests
{
    private static readonly Dictionary<string, Action<Episode>> s_changes = new()
    {
        ["gravity"] = episode => episode.World.Gravity += 0.1f,
        ["ground"] = episode => episode.World.HasGround = false,
        ["ground friction"] = episode => episode.World.GroundFriction = 0.5f,
        ["ground restitution"] = episode => episode.World.GroundRestitution = 0.5f,
        ["position"] = episode => Body(episode, body => body with { Position = new(0, 0.5f, float.Epsilon) }),
        ["orientation"] = episode => Body(episode, body => body with { Orientation = new(0, 0, 1, 0) }),
        ["velocity"] = episode => Body(episode, body => body with { LinearVelocity = new(1, 0, 0) }),
        ["spin"] = episode => Body(episode, body => body with { AngularVelocity = new(0, 1, 0) }),
        ["size"] = episode => Body(episode, body => body with { HalfExtents = new(0.5f, 0.5f, 0.4f) }),
        ["mass"] = episode => Body(episode, body => body with { Mass = MathF.BitIncrement(body.Mass) }),
        ["friction"] = episode => Body(episode, body => body with { Friction = 0.4f }),
        ["restitution"] = episode => Body(episode, body => body with { Restitution = 0.1f }),
        ["motion"] = episode => Body(episode, body => body with { Motion = Motion.Fixed }),
        ["another body"] = episode => episode.Add(new Body(), new(Vector3.Zero, Material.Flat, 0)),
        ["push"] = episode => episode.World.Pushes.Add(new(0, Vector3.UnitX, default, 0, 0)),
        ["colour"] = episode => episode.Appearances[0] = episode.Appearances[0] with { Color = new(0.5f, 0.5f, 0.6f) },
        ["material"] = episode => episode.Appearances[0] = episode.Appearances[0] with { Material = Material.Stone },
        ["grain"] = episode => episode.Appearances[0] = episode.Appearances[0] with { TextureSeed = 9 },
        ["mark"] = episode => episode.Overlays.Add(new(OverlayKind.Zone, default, default, 1f, Vector3.One)),
        ["label"] = episode => episode.Overlays[0] = episode.Overlays[0] with { Text = "2" },
        ["eye"] = episode => episode.Camera = episode.Camera with { Eye = new(1, 2, 3) },
        ["view"] = episode => episode.Camera = episode.Camera with { FieldOfView = 0.5f },
        ["sun"] = episode => episode.Light = episode.Light with { SunDirection = Vector3.UnitY },
        ["sky"] = episode => episode.Light = episode.Light with { SkyColor = Vector3.One },
        ["look of the ground"] = episode =>
            episode.Options = (StabilityOptions)episode.Options with { Ground = Ground.Planks },
        ["style"] = episode => episode.Options = (StabilityOptions)episode.Options with { Style = Look.Photo },
        ["choice"] = episode => episode.State = episode.State with { Choice = 3 },
    };

    public static TheoryData<string> Changes => new(s_changes.Keys);

    [Theory]
    [MemberData(nameof(Changes))]
    public void Of_OneThingChanged_IsAnotherHash(string what)
    {
        var (one, other) = (Episode(), Episode());
        s_changes[what](other);

        Assert.NotEqual(SceneHash.Of(one), SceneHash.Of(other));
    }

    [Fact]
    public void Of_EveryChange_IsAHashOfItsOwn()
    {
        var hashes = s_changes.Values.Select(change =>
        {
            var episode = Episode();
            change(episode);
            return SceneHash.Of(episode);
        }).ToList();

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    [Fact]
    public void Of_WhatNobodySees_IsTheSameHash()
    {
        var (one, other) = (Episode(), Episode());
        (other.Seed, other.Steps) = (77, 2);
        other.State = other.State with { IsYes = true, Margin = 0.3f };
        other.Options = (StabilityOptions)other.Options with { Prompt = "{form}", Reward = YesNoReward.Signed };

        Assert.Equal(SceneHash.Of(one), SceneHash.Of(other));
    }

    [Fact]
    public void Of_NegativeZero_IsZero()
    {
        var (one, other) = (Episode(), Episode());
        Body(other, body => body with { LinearVelocity = new(-0f, 0f, -0f) });

        Assert.Equal(SceneHash.Of(one), SceneHash.Of(other));
    }

    [Fact]
    public void Of_CopiedEpisode_IsTheSameHash()
    {
        var (one, copy) = (Episode(), new Episode());

        copy.CopyFrom(one);

        Assert.Equal(SceneHash.Of(one), SceneHash.Of(copy));
        copy.World.Bodies[0] = copy.World.Bodies[0] with { Mass = 7 };
        Assert.NotEqual(SceneHash.Of(one), SceneHash.Of(copy));
        Assert.Equal(1f, one.World.Bodies[0].Mass);
    }

    [Theory]
    [InlineData(Ending.Fell, 1f, 1UL, 1UL)]
    [InlineData(Ending.Settled, 2f, 1UL, 1UL)]
    [InlineData(Ending.Settled, 1f, 2UL, 1UL)]
    [InlineData(Ending.Settled, 1f, 1UL, 2UL)]
    public void OfOutcome_AnyPartOfIt_ChangesTheHash(Ending ending, float time, ulong fallen, ulong moved)
    {
        var (one, other) = (new Counterfactual(), new Counterfactual());
        one.Outcome = new(Ending.Settled, 1f, 1, 1);
        other.Outcome = new(ending, time, fallen, moved);

        Assert.NotEqual(SceneHash.OfOutcome(one), SceneHash.OfOutcome(other));
        other.Outcome = one.Outcome;
        Assert.Equal(SceneHash.OfOutcome(one), SceneHash.OfOutcome(other));
    }

    [Fact]
    public void Clear_Episode_KeepsNothingOfTheLastOne()
    {
        var episode = Episode();
        s_changes["push"](episode);
        episode.Attempts.Add(new(default, 1, ""));
        (episode.Steps, episode.SceneHash, episode.OutcomeHash, episode.World.Time) = (3, 4, 5, 6);

        episode.Clear();

        Assert.Empty(episode.World.Bodies);
        Assert.Empty(episode.World.Pushes);
        Assert.Empty(episode.Appearances);
        Assert.Empty(episode.Overlays);
        Assert.Empty(episode.Attempts);
        Assert.Equal((0, 0UL, 0UL, 0f, default), (episode.Steps, episode.SceneHash, episode.OutcomeHash,
            episode.World.Time, episode.State));
    }

    private static void Body(Episode episode, Func<Body, Body> change) =>
        episode.World.Bodies[0] = change(episode.World.Bodies[0]);

    private static Episode Episode()
    {
        var episode = new Episode { Options = new StabilityOptions() };
        episode.Add(new Body { Position = new(0, 0.5f, 0) }, new(new(0.5f, 0.5f, 0.5f), Material.PaintedWood, 1));
        episode.Overlays.Add(new(OverlayKind.Label, default, default, 0.5f, Vector3.One, "1"));

        return episode;
    }
}
