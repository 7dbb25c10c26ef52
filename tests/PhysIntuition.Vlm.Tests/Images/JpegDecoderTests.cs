using System.Security.Cryptography;
using PhysIntuition.Vlm.Testing;

namespace PhysIntuition.Vlm.Images;

/// <summary>JPEG files that Pillow 9.4 wrote, and the hashes of the RGB pixels that it reads from them.</summary>
public sealed class JpegDecoderTests
{
    // 24 x 17 pixels, no multiple of a block: full colour, halved colour, grey, progressive with colour halved once.
    private const string Full =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEi"
        + "MEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7"
        + "Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAARABgDAREAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABQQH/8QAJhAA"
        + "AQMDAgUFAAAAAAAAAAAAAQACEQMEBRIhIjRxgbExMjNhcv/EABkBAAMBAQEAAAAAAAAAAAAAAAMEBgUHAf/EAC8RAAED"
        + "AwAFCwUAAAAAAAAAAAEAAgMEESESMTJBYQUjJDVRcYKRsbLwNHKhwdH/2gAMAwEAAhEDEQA/AM+s8LqjhQ4edQqessm7"
        + "bAtDQXNAH2nzRRMZpykAcfmTwW/TVxOAlbbCUz7aRcekBKuZSm4iYXHyB88/j+qjpqx28q7H4cBmot2ASvJszGRGV+oC"
        + "/wA4ndxXEYavNgl7bDzFSo2SfQIZm0ukVGXHUP0OwDefUnNFTVe4JahiDMPbO27RsB1S005LrS5NhdoNmgDOdffm57hZ"
        + "UVLV9iis+WPbyhQdXP8AD7guSQbYTFt8zPyF676yP7R6lUNNspKz5Y9vKxoOrn+H3BU0G2F//9k=";

    private const string Halved =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEi"
        + "MEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7"
        + "Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAARABgDASIAAhEBAxEB/8QAGAABAQEBAQAAAAAAAAAAAAAAAAUGBAf/xAAm"
        + "EAABAwMCBQUAAAAAAAAAAAABAAIRAwQFEiEiNHGBsTEyM2Fy/8QAGAEAAgMAAAAAAAAAAAAAAAAABAYDBQf/xAAnEQAB"
        + "AgMFCQAAAAAAAAAAAAABAAMCBSEEETEysRNBQlFxcoHB4v/aAAwDAQACEQMRAD8A8+s8LqjhVu2wLQ0FzQB9rR4/DgM1"
        + "FuwCr22HmKlRsk+gUbbzQaEUQvJrXADmfQ3oSXTc34rNW2Epn20i49ICLd0MQZh7Z23aNgOqIVy1tCKtw8fMWqe7PNjs"
        + "xVcVnyx7eVYtvmZ+QiILgb6Q6lYxLlSs+WPbyiIqB7K32jUp+s2Rf//Z";

    private const string Grey =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEi"
        + "MEExNDk7Pj4+JS5ESUM8SDc9Pjv/wAALCAARABgBAREA/8QAFgABAQEAAAAAAAAAAAAAAAAABQQH/8QAJhAAAQMDAgUF"
        + "AAAAAAAAAAAAAQACEQMEBRIhIjRxgbExMjNhcv/aAAgBAQAAPwDPrPC6o4U3bYFoaC5oA+0rbYSmfbSLj0gK7H4cBmot"
        + "2AS9th5ipUbJPoEtQxBmHtnbdo2A6qKz5Y9vKYtvmZ+QkrPlj28r/9k=";

    private const string Progressive =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEi"
        + "MEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7"
        + "Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wgARCAARABgDASEAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAABAADBv/EABkB"
        + "AAIDAQAAAAAAAAAAAAAAAAMFAQIGBP/aAAwDAQACEAMQAAAB550lVVe7sFjVwHuDIyybgf8A/8QAGRAAAwEBAQAAAAAA"
        + "AAAAAAAAAAIDATIx/9oACAEBAAEFAkiLAWOE4ixMkJyvqc//xAAZEQEBAQADAAAAAAAAAAAAAAADAAQhIjH/2gAIAQMB"
        + "AT8BztG3FnWNetnj8v/EAB8RAAIBAwUBAAAAAAAAAAAAAAECABEigQMxMkFxsf/aAAgBAgEBPwFEDCphVTxSsD2AZjai"
        + "1v8As6XEfZfJ/8QAGBAAAgMAAAAAAAAAAAAAAAAAARARIDH/2gAIAQEABj8CWKTX/8QAHRAAAQQCAwAAAAAAAAAAAAAA"
        + "AAEQEUEhMVFxgf/aAAgBAQABPyGWhGMoUpGCYKA508Y09Mf/2gAMAwEAAgADAAAAEL+h/f/EABkRAAMAAwAAAAAAAAAA"
        + "AAAAAAABERAhMf/aAAgBAwEBPxCMG9s3jojz/wD/xAAgEQEAAQMDBQAAAAAAAAAAAAABEQBhsSGBoTFBUXGR/9oACAEC"
        + "AQE/EJ/wFLSw8rHEOnxtQTugSv2DdneiuAtwbAzoZn24smuAy1//xAAdEAEAAgIDAQEAAAAAAAAAAAABABEhMXGBsWGh"
        + "/9oACAEBAAE/EMCCBAPsdtXFEAuwCXVYXRHursZGA5m3r2flTb17P//Z";

    [Theory]
    [InlineData(Full, "2676ba2063d3d6575ae63b8beb7159f2ae854665015b3b6c2472afed4ded84a3")]
    [InlineData(Halved, "c51e9d91ce8d8ee77bafbc11d58fac6115248fa976dc2a2f64da9390295c2d20")]
    [InlineData(Grey, "b2e6dacae704d570fa0b6ff9fa5276ecaeebd0f217091281144ac45b15ad5d7b")]
    [InlineData(Progressive, "2798ae83d5031e8c8b5034d02bb62c9adf1cda63ae808b0b65e2742bb8672068")]
    public void Load_JpegFile_GivesPillowsPixels(string file, string expected)
    {
        Assert.SkipUnless(JpegDecoder.IsAvailable, "libjpeg-turbo is not installed (package libturbojpeg0).");
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("picture.png"), Convert.FromBase64String(file));   // the name says nothing

        var image = RgbImage.Load(folder.At("picture.png"));

        Assert.Equal((24, 17), (image.Width, image.Height));
        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(image.Pixels)));
    }

    [Fact]
    public void Decode_ForgedSize_IsRefusedBeforeMemoryIsTaken()
    {
        Assert.SkipUnless(JpegDecoder.IsAvailable, "libjpeg-turbo is not installed (package libturbojpeg0).");
        var file = Convert.FromBase64String(Full);
        var frame = file.AsSpan().IndexOf<byte>([0xFF, 0xC0]);          // its sides stand 5 bytes behind, big endian
        file.AsSpan(frame + 5, 4).Fill(0xF0);

        var error = Assert.Throws<InvalidDataException>(() => JpegDecoder.Decode(file));

        Assert.Contains("61680 x 61680", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_BrokenFile_SaysThatItCannotBeRead()
    {
        Assert.SkipUnless(JpegDecoder.IsAvailable, "libjpeg-turbo is not installed (package libturbojpeg0).");
        var file = Convert.FromBase64String(Full)[..60];

        var error = Assert.Throws<InvalidDataException>(() => JpegDecoder.Decode(file));

        Assert.StartsWith("The JPEG cannot be read: ", error.Message, StringComparison.Ordinal);
    }
}
