using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests;

/// <summary>What is read off pictures, against the scenes that were drawn.</summary>
public sealed class SeenSceneTests
{
    private const int Scenes = 24;
    private const int Side = 224;

    // From the front and from afar, where perspective takes least away.
    private const string Front =
        """ "camera":{"azimuth":{"min":0,"max":0},"elevation":{"min":4,"max":4},"fieldOfView":{"min":12,"max":12}} """;

    [Fact]
    public void Sliders_DrawnCollisions_HaveTheirPlacesAndSpeeds()
    {
        var (read, near) = (0, 0);
        foreach (var (episode, picture) in Drawn("Collision-v1", $"{{{Front}}}"))
        {
            var red = episode.World.Bodies[episode.State.Subject];
            var other = episode.World.Bodies[1 - episode.State.Subject];
            var width = 2 * red.HalfExtents.X;
            if (SeenScene.Sliders(picture, episode, width, bodies: 2, lengthPerSpeed: 0.2f) is not { } seen)
            {
                continue;
            }

            read++;
            var (seenOther, seenRed) = (seen.World.Bodies[0], seen.World.Bodies[1]);

            // The red block's width gives the scale, and is seen to a pixel or two of fifteen.
            var apart = Math.Abs(seenOther.Position.X - seenRed.Position.X)
                / Math.Abs(other.Position.X - red.Position.X);
            near += Math.Abs(apart - 1) < 0.15 && IsNear(seenRed.LinearVelocity.X, red.LinearVelocity.X)
                && IsNear(seenOther.LinearVelocity.X, other.LinearVelocity.X)
                && seenOther.Position.X > seenRed.Position.X == other.Position.X > red.Position.X ? 1 : 0;
        }

        Assert.True(read >= Scenes / 2 && near >= 0.8 * read, $"{near} of {read}");
    }

    [Fact]
    public void Pushed_DrawnTowers_HaveTheArrowOnTheirBlockAndInItsDirection()
    {
        var (read, right) = (0, 0);
        foreach (var (episode, picture) in Drawn("PushOutcome-v1", $"{{{Front}}}"))
        {
            var options = (PushOutcomeOptions)episode.Options;
            if (SeenScene.Pushed(picture, episode, options.BlockWidth) is not { } seen
                || seen.World.Bodies.Count != episode.World.Bodies.Count)
            {
                continue;
            }

            read++;
            var (drawn, found) = (episode.Overlays[0], seen.Overlays[0]);
            double length = drawn.To.X - drawn.From.X, foundLength = found.To.X - found.From.X;
            right += seen.State.Subject == episode.State.Subject && length * foundLength > 0
                && Math.Abs(foundLength - length) < 0.3 * Math.Abs(length) ? 1 : 0;
        }

        Assert.True(read >= Scenes / 4 && right >= 0.75 * read, $"{right} of {read}");
    }

    [Fact]
    public void Beam_DrawnBeams_BalanceNearWhereTheMomentsSay()
    {
        var (read, near) = (0, 0);
        foreach (var (episode, picture) in Drawn("Balance-v1", $"{{{Front}}}"))
        {
            if (new Balance().Read(picture, episode) is { } answer)
            {
                read++;
                near += Math.Abs(answer[0] - episode.State.Expert[0]) < 25 ? 1 : 0;
            }
        }

        Assert.True(read >= Scenes / 2 && near >= 0.6 * read, $"{near} of {read}");
    }

    [Fact]
    public void TowerMargin_DrawnTowers_HasTheSignOfTheLabelMoreOftenThanNot()
    {
        var (clear, right) = (0, 0);
        foreach (var (episode, picture) in Drawn("Stability-v1", $$"""{"difficulty":"easy",{{Front}}}"""))
        {
            var margin = SeenScene.TowerMargin(picture);
            clear += margin != 0 ? 1 : 0;
            right += margin != 0 && margin < 0 == episode.State.IsYes ? 1 : 0;
        }

        Assert.True(clear >= Scenes / 2 && right >= 0.75 * clear, $"{right} of {clear}");
    }

    [Theory]
    [InlineData("Locate-v1", "AB")]
    [InlineData("Order-v1", "1234")]
    [InlineData("Margin-v1", "A")]
    public void Find_LettersOfDrawnScenes_AreWhereTheyWerePut(string id, string letters)
    {
        var found = 0;
        foreach (var (episode, picture) in Drawn(id, $"{{{Front}}}"))
        {
            if (LabelFinder.Find(picture, letters) is { } labels)
            {
                found++;
                Assert.Equal(letters, string.Concat(labels.Select(label => label.Letter)));
                for (var i = 1; i < labels.Count; i++)
                {
                    // To the right, or higher, in the picture as in the scene.
                    var way = episode.Overlays[i].From - episode.Overlays[0].From;
                    if (Math.Abs(way.X) > 0.1f)
                    {
                        Assert.Equal(way.X > 0, labels[i].X > labels[0].X);
                    }

                    if (Math.Abs(way.Y) > 0.3f)
                    {
                        Assert.Equal(way.Y > 0, labels[i].Y < labels[0].Y);
                    }
                }
            }
        }

        Assert.True(found >= Scenes / 2, $"{found} of {Scenes}");
    }

    [Fact]
    public void Find_LettersThatAreNotThereOrThereTwice_AreNone()
    {
        var (_, picture) = Drawn("Locate-v1", $"{{{Front}}}").First(
            drawn => LabelFinder.Find(drawn.Picture, "AB") is not null);

        Assert.Null(LabelFinder.Find(picture, "ABC"));
        Assert.Equal("AB", string.Concat(LabelFinder.FindSome(picture, "CAB").Select(label => label.Letter)));

        // The picture twice, one half below the other: each letter is there twice.
        var twice = new Picture(Side, 2 * Side);
        picture.Rgb.CopyTo(twice.Rgb.AsSpan());
        picture.Rgb.CopyTo(twice.Rgb.AsSpan(picture.Rgb.Length));
        Assert.Empty(LabelFinder.FindSome(twice, "AB"));
    }

    [Fact]
    public void Read_EmptyPicture_IsNoScene()
    {
        var picture = new Picture(Side, Side);
        picture.Rgb.AsSpan().Fill(200);
        var hint = Drawn("PushOutcome-v1", "{}").First().Episode;

        Assert.Null(SeenScene.Column(picture, hint));
        Assert.Null(SeenScene.Rows(picture, hint));
        Assert.Null(SeenScene.Pushed(picture, hint, new(0.4f, 0.4f)));
        Assert.Null(SeenScene.Sliders(picture, hint, redWidth: 0.4f, bodies: 2, lengthPerSpeed: 0.2f));
        Assert.Null(SeenScene.Beam(picture, hint, beamLength: 4f, redWidth: 0.4f));
        Assert.Null(SeenScene.Storeys(picture, hint, []));
        Assert.Equal(0, SeenScene.TowerMargin(picture));
    }

    private static bool IsNear(float seen, float speed) => Math.Abs(seen - speed) < 0.1 + (0.2 * Math.Abs(speed));

    private static IEnumerable<(Episode Episode, Picture Picture)> Drawn(string id, string options)
    {
        var batch = Given.Batch(id, Scenes, options: options);
        batch.Reset(0);
        for (var slot = 0; slot < Scenes; slot++)
        {
            var picture = new Picture(Side, Side);
            Given.Picture(batch, slot, Side).CopyTo(picture.Rgb.AsSpan());
            yield return (batch.View.Episode(slot), picture);
        }
    }
}
