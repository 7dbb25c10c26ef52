using System.Security.Cryptography;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>Files that Pillow 9.4 wrote, and hashes of what it makes of them on white paper.</summary>
public sealed class PictureDecoderTests
{
    private const string GreyAlpha =
        "iVBORw0KGgoAAAANSUhEUgAAAA0AAAAJCAQAAABDc27hAAAAVElEQVR4nGWJSQoAIQwELchkuUXw/x+cR8wcDCpIk0ov"
        + "tKbjGTpuSqIohl6SvobN6SSxivtPSq/yliSOYXjdpnQMx2vyI0mWdZw4vCNJVBlrDl4+fqP4BtDGFPQUAAAAAElFTkSu"
        + "QmCC";

    private const string PaletteAlpha =
        "iVBORw0KGgoAAAANSUhEUgAAAA0AAAAJBAMAAAAbVLtZAAAAMFBMVEXI0qzIqL2FxJPIfo6Ffl8w0jgwqC1Dfi8KfgfI"
        + "Rk/IHCCFOCqrAAAwRhMwHAgwAAAxXW/KAAAAEHRSTlMAgP8o////////////////RheGTAAAAExJREFUeJxj+P///5kz"
        + "ZxYwvHv3bveuVQsY7t69vXv3zAkMvUB6J5DuaC93cTE2YOhIL3dxNhZgaEtLcVIUBNKhQUoKQDoUSDOwMAAAqygeyG3N"
        + "+gQAAAAASUVORK5CYII=";

    private const string ColorKey =
        "iVBORw0KGgoAAAANSUhEUgAAAA0AAAAJCAIAAABmGDE9AAAABnRSTlMAOQBUABsjR5LmAAAAOUlEQVR4nGNkYGAQJgKx"
        + "MMgwMDAwE0RwdWz4EbI6TjwITR0PLoSpjh8rwqpOCBPhUieKhvCok0BGALyZBfrQQSZyAAAAAElFTkSuQmCC";

    private const string WebpAlpha =
        "UklGRmAAAABXRUJQVlA4TFMAAAAvDAACEM2UIaL/sYkoeP/DQZhtVJDzRz2IvdREkqTsUXT37F8eZORAQJIE/n/ZEIFA"
        + "CtvhCYAy+h4O4HQOlwPmyiTBUy6EK4sknvKgXNkk85QPAwA=";

    private const string WebpLossy =
        "UklGRmIAAABXRUJQVlA4IFYAAAAQAgCdASoNAAkAAUAmJbACdLcAAZAf/igAAP7+LB5fNn+JxUgvfEZ3kU3KwI4vsc/z"
        + "jvt3Ys/S17b4r/fn/1Yt8d+f8Hxg/4PJ/tw0tf6hFwb84r8AAA==";

    private const string Turned =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAMCAgMCAgMD"
        + "AwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkF"
        + "BQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAJAA0DAREA"
        + "AhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIh"
        + "MUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZn"
        + "aGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl"
        + "5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3"
        + "AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RV"
        + "VldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU"
        + "1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDwPwB+y95/l/6Jn/gNfneGzL+0OtzwuGOOeTl98+hf"
        + "DX7JHmWAP2L0/hr6ijkH1mPPY/qfJ/EHlw/xnp/wy6RfhX5Pwv8AZP8AMHhz7J7lJ/yx/wCuK/zavlPFT/kc0P8ArzH/"
        + "ANLqH9bcM/7m/X9Ef//Z";

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

    private static readonly (int Width, int Height) s_size = (11, 13);   // no multiple of 8: Adam7 has ragged passes

    private static readonly (int Color, int[] Depths)[] s_kinds =
        [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])];

    public static TheoryData<int, int, bool> Kinds =>
    [
        .. from kind in s_kinds
           from depth in kind.Depths
           from isInterlaced in new[] { false, true }
           select new TheoryDataRow<int, int, bool>(depth, kind.Color, isInterlaced),
    ];

    [Theory]
    [InlineData(GreyAlpha, "25d70c82df6f2c14a1edf038d2bd70bc")]
    [InlineData(PaletteAlpha, "2a61a19102af34699fa45b482f6d777f")]
    [InlineData(ColorKey, "92fc264c54cfc22afab4437592afb7b9")]
    [InlineData(WebpAlpha, "cfb2ca31e03c07548946374703cf66c4")]
    [InlineData(WebpLossy, "7fe0f4ea636a9fe22d6a65d56a83f70d")]
    [InlineData(Full, "2676ba2063d3d6575ae63b8beb7159f2")]
    [InlineData(Halved, "c51e9d91ce8d8ee77bafbc11d58fac61")]
    [InlineData(Grey, "b2e6dacae704d570fa0b6ff9fa5276ec")]
    [InlineData(Progressive, "2798ae83d5031e8c8b5034d02bb62c9a")]
    public void Decode_FileOfPillow_GivesPillowsPixelsOnWhite(string file, string hash)
    {
        var picture = PictureDecoder.Decode(Convert.FromBase64String(file));

        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(picture.Rgb))[..32]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_EveryKind_GivesEverySample(int depth, int color, bool isInterlaced)
    {
        var channels = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var random = new Random(depth + color);
        var samples = new int[s_size.Width * s_size.Height * channels];
        Array.ForEach(Enumerable.Range(0, samples.Length).ToArray(), i => samples[i] = random.Next(1 << depth));
        var palette = color == 3 ? new byte[3 << depth] : null;
        random.NextBytes(palette ?? []);

        var image = PictureDecoder.Decode(
            PngBuilder.Build(s_size, depth, color, isInterlaced, samples, palette));

        var expected = samples.Chunk(channels).SelectMany(pixel => ToRgb(pixel, depth, color, palette)).ToArray();
        Assert.Equal(expected, image.Rgb);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(7, true)]
    [InlineData(8, true)]
    public void Decode_OrientationOfACamera_IsCarriedOut(int orientation, bool isTransposed)
    {
        // The same file with another number in its EXIF: pixel (x, y) of 1 must be found again.
        var file = Convert.FromBase64String(Turned);
        var at = file.AsSpan().IndexOf<byte>([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]) + 9;
        file[at] = 1;
        var upright = PictureDecoder.Decode(file);
        file[at] = (byte)orientation;
        var picture = PictureDecoder.Decode(file);

        var (w, h) = (upright.Width, upright.Height);
        Assert.Equal(isTransposed ? (h, w) : (w, h), (picture.Width, picture.Height));
        for (var i = 0; i < w * h; i++)
        {
            // The EXIF standard's table: where row 0 and column 0 of the file are in the scene.
            var (x, y) = (i % w, i / w);
            var (u, v) = orientation switch
            {
                2 => (w - 1 - x, y), 3 => (w - 1 - x, h - 1 - y), 4 => (x, h - 1 - y),
                5 => (y, x), 6 => (h - 1 - y, x), 7 => (h - 1 - y, w - 1 - x), _ => (y, w - 1 - x),
            };
            Assert.Equal(
                upright.Rgb.AsSpan(i * 3, 3), picture.Rgb.AsSpan(((v * picture.Width) + u) * 3, 3));
        }
    }

    [Fact]
    public void Decode_ForgedSize_IsRefusedBeforeMemoryIsTaken()
    {
        var jpeg = Convert.FromBase64String(Full);
        var frame = jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC0]);          // its sides stand 5 bytes behind, big endian
        jpeg.AsSpan(frame + 5, 4).Fill(0xF0);
        var png = PngBuilder.Build((60000, 60000), 8, 2, false, []);
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused("61680 x 61680 pixels are more than 67108864", jpeg);
        AssertRefused("60000 x 60000 pixels are more than 67108864", png);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Decode_BrokenFile_SaysWhy()
    {
        var good = PngBuilder.Build((2, 2), 8, 2, false, Enumerable.Range(0, 12).ToArray());

        const string damaged = "it is damaged or ends too early", unknown = "no picture of a kind that is read";
        AssertRefused("it is empty", []);
        AssertRefused(unknown, [.. "%PDF-1.7, a page and not a picture, whatever its name"u8]);
        AssertRefused(damaged, Change(good, at: 20, to: 9));
        AssertRefused(damaged, Change(good, at: good.Length - 26, to: 9));
        AssertRefused(damaged, PngBuilder.Build((2, 2), 7, 2, false, new int[12]));
        AssertRefused(damaged, PngBuilder.Build((-1, 2), 8, 2, false, []));
        AssertRefused(damaged, PngBuilder.Build((2, 2), 8, 3, false, new int[4]));
        AssertRefused(damaged, good[..^30]);
        AssertRefused(damaged, Convert.FromBase64String(Full)[..^40]);
        AssertRefused(damaged, Convert.FromBase64String(Full)[..60]);
    }

    [Fact]
    public void Decode_AnyCutOrChangedFile_IsReadOrRefusedButNeverBreaks()
    {
        foreach (var name in (string[])[PaletteAlpha, WebpAlpha, WebpLossy, Grey])
        {
            var whole = Convert.FromBase64String(name);
            for (var i = 0; i < whole.Length; i++)
            {
                foreach (var bytes in (byte[][])[whole[..i], Change(whole, i, (byte)~whole[i])])
                {
                    var fault = Record.Exception(() => PictureDecoder.Decode(bytes));
                    Assert.True(fault is null or PhysIntuitionException, $"byte {i}: {fault}");
                }
            }
        }
    }

    private static void AssertRefused(string says, byte[] file) => Assert.Contains(
        says, Assert.Throws<PhysIntuitionException>(() => PictureDecoder.Decode(file)).Message);

    private static byte[] Change(byte[] file, int at, byte to)
    {
        var changed = (byte[])file.Clone();
        changed[at] = to;
        return changed;
    }

    private static IEnumerable<byte> ToRgb(int[] pixel, int depth, int color, byte[]? palette)
    {
        // Small depths are spread over 0..255; of 16 bits the upper 8 stay.
        var bytes = pixel.Select(s => (byte)(depth == 16 ? s >> 8 : depth == 8 ? s : s * 255 / ((1 << depth) - 1)));
        var colors = color switch
        {
            3 => palette!.AsSpan(pixel[0] * 3, 3).ToArray(),
            2 or 6 => bytes.Take(3),
            _ => Enumerable.Repeat(bytes.First(), 3),
        };
        var alpha = color is 4 or 6 ? bytes.Last() : 255;
        return colors.Select(c => (byte)Math.Round(((c * alpha) + (255 * (255 - alpha))) / 255.0));
    }
}
