namespace PhysIntuition.Environments.Tasks;

/// <summary>Answers <see cref="SlideOutcome"/> and <see cref="Cause"/> from their pictures, by the laws of
/// motion.</summary>
internal static class SeenSlide
{
    private const double Sliver = 0.04;   // of a panel's width: no block is so narrow

    /// <summary>The picture in which the red block lies nearest to where the laws of motion put it.</summary>
    /// <param name="picture">The composed picture.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <returns>Null: blocks or arrow cannot be made out.</returns>
    public static Answer? Read(Picture picture, Episode hint)
    {
        var panels = Panels.SceneAndFour(hint, hint.World);
        var scene = Panels.Cut(picture, panels[0].Place);
        var (boxes, arrows) = (BlockFinder.Find(scene, FaceForm.Wide), ArrowFinder.Find(scene));
        boxes.RemoveAll(box => box.IsRed || box.Width < Sliver * scene.Width);
        if (boxes.Count == 0 || arrows.Count != 1)
        {
            return null;
        }

        // All blocks are equally wide; the arrow begins over the middle of the red one, of which a side may show.
        var struck = boxes.MinBy(static box => box.Width);
        var (scale, middle) = (hint.State.Scale / struck.Width, (scene.Width - 1) / 2.0);   // m a pixel; pixels
        var speed = (arrows[0].Head - arrows[0].Tail) * scale / SlideScenes.LengthPerSpeed(hint.Options);
        var seen = WorldOf(
            hint.World, (arrows[0].Tail - middle) * scale, speed, (struck.CentreX - middle) * scale);
        var goal = SlideScenes.Predict(seen).Red / scale / scene.Width;   // over the panel's width, from its middle
        var (best, least) = (-1, double.PositiveInfinity);
        for (var i = 0; i < hint.Panels.Count; i++)
        {
            var panel = Panels.Cut(picture, panels[i + 1].Place);
            foreach (var box in BlockFinder.Find(panel, FaceForm.Any).Where(box =>
                box.IsRed && box.Width > Sliver * panel.Width))
            {
                var error = Math.Abs(((box.CentreX - ((panel.Width - 1) / 2.0)) / panel.Width) - goal);
                (best, least) = error < least ? (i, error) : (best, least);
            }
        }

        return best < 0 ? null : new Answer(best);
    }

    /// <summary>The arrow whose push the laws of motion lead nearest to where the red block lies below.</summary>
    /// <param name="picture">The composed picture.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <returns>Null: blocks or arrows cannot be made out.</returns>
    public static Answer? ReadPush(Picture picture, Episode hint)
    {
        var panels = Cause.PanelsOf(hint, hint.World);
        var arrows = ArrowFinder.FindRows(Panels.Cut(picture, panels[0].Place));
        if (arrows.Count != SlideScenes.Ways || ReadEnd(picture, hint, panels) is not { } seen)
        {
            return null;
        }

        var errors = arrows.Select(arrow =>
        {
            var speed = (arrow.Head - arrow.Tail) * seen.Scale / Cause.PushLength(hint.Options);
            var pushed = Impulse.Pushed(seen.Before, speed * seen.Before.Bodies[SlideScenes.Red].Mass);

            return Math.Abs(SlideScenes.Predict(pushed).Red - seen.After.Bodies[SlideScenes.Red].Position.X);
        }).ToArray();

        return new Answer(Array.IndexOf(errors, errors.Min()));
    }

    /// <summary>The red block and the lowest of the tower in a picture of before and after.</summary>
    /// <param name="picture">The composed picture.</param>
    /// <param name="hint">Only its options and what the prompt says of it are read.</param>
    /// <param name="panels">Where both are.</param>
    /// <returns>Both, and m a pixel; null: blocks cannot be made out.</returns>
    public static (World Before, World After, double Scale)? ReadEnd(Picture picture, Episode hint, Panel[] panels)
    {
        var (scene, end) = (Panels.Cut(picture, panels[0].Place), Panels.Cut(picture, panels[1].Place));
        var (boxes, ends) = (BlockFinder.Find(scene, FaceForm.Wide), BlockFinder.Find(end, FaceForm.Any));
        var red = boxes.FindAll(box => box.IsRed).DefaultIfEmpty().MaxBy(static box => box.Width);
        var after = ends.FindAll(box => box.IsRed).DefaultIfEmpty().MaxBy(static box => box.Width);
        boxes.RemoveAll(box => box.IsRed || box.Width < Sliver * scene.Width);
        if (boxes.Count == 0 || red.Width == 0 || after.Width == 0)
        {
            return null;
        }

        var struck = boxes.MinBy(static box => box.Width);   // all are equally wide; of some a side shows
        var (scale, middle) = (hint.State.Scale / struck.Width, (scene.Width - 1) / 2.0);   // m a pixel; pixels
        var before = WorldOf(
            hint.World, (red.CentreX - middle) * scale, speed: 0, (struck.CentreX - middle) * scale);

        return (before, WorldOf(hint.World, (after.CentreX - middle) * scale, speed: 0, struck: 0), scale);
    }

    // What the prompt says of the bodies, where the picture shows them.
    private static World WorldOf(World told, double red, double speed, double struck)
    {
        var seen = Panels.Still(told);
        for (var i = 0; i < seen.Bodies.Count; i++)
        {
            var body = seen.Bodies[i];
            body.Position = new Vector3((float)(i == 0 ? red : struck), body.Position.Y, 0f);
            body.LinearVelocity = new Vector3(i == 0 ? (float)speed : 0f, 0f, 0f);
            seen.Bodies[i] = body;
        }

        return seen;
    }
}
