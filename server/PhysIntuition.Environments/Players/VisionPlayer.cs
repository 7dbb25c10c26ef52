using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Environments.Players;

/// <summary>Sees only the picture: finds the blocks by classical image processing, then answers by geometry.</summary>
/// <remarks>
/// Plays all tasks but Push, whose directions on the ground a picture without its camera does not tell; where it
/// cannot read a picture it answers as <see cref="ConstantPlayer"/>.
/// </remarks>
public sealed class VisionPlayer : IPlayer
{
    private const double Spare = 0.8;   // of a block's width: a little too high costs less than inside the tower

    private static readonly ConstantPlayer s_constant = new();

    /// <inheritdoc/>
    public string Name => "vision";

    /// <inheritdoc/>
    public bool NeedsPicture => true;

    /// <inheritdoc/>
    public Answer Answer(ITask task, Episode episode, Picture? picture, RandomStream random) => task switch
    {
        IPictureTask pictures => pictures.GuessFrom(picture!),
        Offset or OffsetRetry => Move(picture!, episode.Facts.Scale),
        OffsetX => Move(picture!, episode.Facts.Scale) is { Count: 2 } move ? new(move[0]) : default,
        Push => default,   // directions on the ground need the camera's height, which no observation gives
        _ => SeenScene.Read(task, picture!, episode) is { } seen
            ? task.Guess(seen)
            : s_constant.Answer(task, episode, picture, random),
    };

    // The prompt tells the red block's width, so pixels can be turned into hundredths of a metre.
    private static Answer Move(Picture picture, float width)
    {
        var boxes = BlockFinder.Find(picture, FaceForm.Cube);
        var red = boxes.FindIndex(static box => box.IsRed);
        if (red < 0 || boxes.Count < 2)
        {
            return Answers.Answer.OfPair(0, 0);
        }

        var top = boxes[red == 0 ? 1 : 0];
        foreach (var box in boxes)
        {
            top = !box.IsRed && box.CentreY < top.CentreY ? box : top;
        }

        var scale = width * 100 / boxes[red].Width;
        var x = (top.CentreX - boxes[red].CentreX) * scale;
        var y = ((boxes[red].CentreY - top.CentreY) * scale) + (width * 100 * ((top.Height / top.Width) + Spare));

        return Answers.Answer.OfPair(Math.Clamp(Math.Round(x), -1000, 1000), Math.Clamp(Math.Round(y), -500, 2000));
    }
}
