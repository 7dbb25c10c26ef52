namespace PhysIntuition.Evaluation.Runs;

/// <summary>What all drawings begin with.</summary>
public static class Svg
{
    /// <summary>The opening tag of a drawing of so many pixels.</summary>
    public static string Open(int width, int height) =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" "
        + $"viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"11\">";
}
