using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Vlm.Models;

/// <summary>Pictures of the reference vectors.</summary>
internal static class PictureFile
{
    public static RgbImage Load(string path)
    {
        var picture = PictureDecoder.Decode(File.ReadAllBytes(path), path);
        return new RgbImage(picture.Width, picture.Height, picture.Rgb);
    }
}
