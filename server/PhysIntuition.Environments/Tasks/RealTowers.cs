namespace PhysIntuition.Environments.Tasks;

/// <summary>Will the tower in this photograph fall?</summary>
/// <remarks>
/// <para>Sees: a photograph from a labelled folder that the server's owner has added.</para>
/// <para>Acts: yes or no; as a number 1 or 0.</para>
/// <para>Scores: 1 if right, 0 if wrong, -1 if the answer cannot be read; <c>reward=signed</c> pays -1 for
/// wrong.</para>
/// <para>Ends: after one answer.</para>
/// <para>Scenes: seed k shows picture k modulo the number of pictures, in the order of their names. Evaluation only:
/// there is no training split. The public set of 100 photographs of real block towers (Lerer et al. 2016) is such a
/// folder: PNG, JPEG or WebP files, and labels.csv with the columns image and falls.</para>
/// <para>v1: first release.</para>
/// </remarks>
internal sealed class RealTowers : IPictureTask
{
    public TaskSpec Spec { get; } = new()
    {
        Name = "RealTowers",
        Version = 1,
        Summary = "Will the tower in this photograph fall?",
        Observations = ObservationSpec.PictureOnly,
        Answer = AnswerAxis.YesNo,
        Reward = new(-1, 1),
        Anchors = new(0.5, 1),
        OptionsType = typeof(PhotoOptions),
        HasScenes = false,
        NeedsPictures = true,
        Splits = [Split.Test],
        Heuristic = "centre of mass over every contact, as seen from the front",
    };

    public string Question(Episode episode) =>
        "The picture shows a tower of blocks that are stacked and not glued. Will any block fall?";

    public BuildStep Arrange(SceneBuilder draft)
    {
        var folder = FolderOf(draft.Episode);
        var index = (int)(draft.Episode.Seed % (ulong)folder.Count);
        var isFalling = folder.Falls(index);
        draft.Episode.State = new()
        {
            Choice = index, IsYes = isFalling, Expert = Answer.OfYes(isFalling), Margin = float.NaN,
        };

        return BuildStep.Accepted;
    }

    public Verdict Judge(StepContext turn) => YesNo.Judge(turn, ((PhotoOptions)turn.Episode.Options).Reward,
        yes: "it fell", no: "it stood");

    public void Compose(Episode episode, World world, in FrameFormat format, IRenderer renderer, Span<byte> rgb)
    {
        var picture = FolderOf(episode)[episode.State.Choice];
        SslScenes.Cropped(picture, format.Width, format.Height).Rgb.CopyTo(rgb);
    }

    public Answer? Read(Picture picture, Episode hint) => Answer.OfYes(SeenScene.TowerMargin(picture) < 0);

    private static PictureFolder FolderOf(Episode episode)
    {
        var folder = PictureLibrary.Find(((PhotoOptions)episode.Options).Pictures);

        return folder.HasLabels ? folder : throw new Faults.PhysIntuitionException(
            Faults.Fault.InvalidArgument, "options.pictures",
            $"'pictures' is '{folder.Name}', which has no labels.csv; choose a folder with labels.");
    }
}
