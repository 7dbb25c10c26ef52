namespace PhysIntuition.Trainer.Training;

/// <summary>Eight-bit moments: the code they are kept in, and how far off they may be.</summary>
public sealed class MomentTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Codes_EitherSign_Are256DifferentNumbersUpToOne(bool isSigned)
    {
        var codes = QuantisedMoment.Codes(isSigned);

        Assert.Equal(256, codes.Length);
        Assert.Equal(codes.Order().Distinct(), codes);
        Assert.Equal(1f, codes[^1]);
        Assert.Contains(0f, codes);
        Assert.InRange(codes[0], isSigned ? -1 : 0, isSigned ? -0.99f : 0);
    }

    [Fact]
    public void Codes_Signed_AreMirroredButForZeroAndOne()
    {
        var codes = QuantisedMoment.Codes(isSigned: true);

        Assert.All(codes.Where(code => code is not (0 or 1)), code => Assert.Contains(-code, codes));
    }

    // Dettmers, Lewis, Shleifer and Zettlemoyer, 8-bit optimizers via block-wise quantization, 2022: the top decade of
    // the signed code has 64 equal intervals of [0.1, 1], the one below 32 of [0.01, 0.1], and so on.
    [Theory]
    [InlineData(true, 0.1, 1, 64)]
    [InlineData(true, 0.01, 0.1, 32)]
    [InlineData(true, 1e-7, 1e-6, 1)]
    [InlineData(false, 0.1, 1, 128)]
    [InlineData(false, 0.01, 0.1, 64)]
    [InlineData(false, 1e-7, 1e-6, 2)]
    public void Codes_Decade_HasTheIntervalsOfThePaper(bool isSigned, double from, double to, int intervals)
    {
        var own = QuantisedMoment.Codes(isSigned).Where(code => code > from && code < to).ToArray();

        Assert.Equal(intervals, own.Length);
        Assert.Equal(from + ((to - from) / intervals / 2), own[0], 1e-6 * to);
        Assert.All(own.Zip(own.Skip(1)), pair =>
            Assert.Equal((to - from) / intervals, pair.Second - pair.First, 1e-5 * to));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_WhatWasClosed_IsOneOfTheTwoCodesBeside(bool isSigned)
    {
        var (moment, codes) = (Moment.Create(QuantisedMoment.BlockSize, isSigned, inEightBits: true),
            QuantisedMoment.Codes(isSigned));
        float[] values = [.. Enumerable.Range(0, QuantisedMoment.BlockSize).Select(i =>
            (isSigned && i % 2 == 1 ? -1 : 1) * 3f * MathF.Exp(-0.05f * i))];
        moment.Close(0, values, seed: 9);

        var kept = moment.Open(0, new float[QuantisedMoment.BlockSize]);

        for (var i = 0; i < values.Length; i++)
        {
            var share = values[i] / 3f;   // the largest of the block is 1
            var rounding = 1e-5f * MathF.Abs(share);
            var above = codes.FirstOrDefault(code => code >= share - rounding, 1f);
            var below = codes.LastOrDefault(code => code <= share + rounding, codes[0]);
            Assert.InRange(kept[i] / 3f, MathF.Min(below, above) - rounding, MathF.Max(below, above) + rounding);
        }

        Assert.Equal(3f, kept[0]);
    }

    [Fact]
    public void Close_SmallSecondMoment_NeverBecomesZero()
    {
        // Zero beside a first moment that is not would make a step without bounds.
        var moment = Moment.Create(4, isSigned: false, inEightBits: true);
        for (var seed = 0UL; seed < 50; seed++)
        {
            moment.Close(0, [1f, 1e-12f, 1e-20f, 0f], seed);
            var kept = moment.Open(0, new float[4]);

            Assert.True(kept[1] > 0 && kept[2] > 0);
            Assert.Equal(0f, kept[3]);
        }
    }

    [Fact]
    public void Close_NothingButZeros_StaysZero()
    {
        foreach (var isSigned in (bool[])[true, false])
        {
            var moment = Moment.Create(3, isSigned, inEightBits: true);
            Assert.Equal([0f, 0, 0], moment.Open(0, new float[3]).ToArray());
            moment.Close(0, [0f, 0, 0], seed: 1);
            Assert.Equal([0f, 0, 0], moment.Open(0, new float[3]).ToArray());
        }
    }

    [Fact]
    public void Close_SameSeed_GivesTheSameBitsAndAnotherOthers()
    {
        float[] values = [.. Enumerable.Range(1, 200).Select(i => 1f / i)];
        float[] Kept(ulong seed)
        {
            var moment = Moment.Create(200, isSigned: true, inEightBits: true);
            moment.Close(0, values, seed);
            return moment.Open(0, new float[256]).ToArray();
        }

        Assert.Equal(Kept(5), Kept(5));
        Assert.NotEqual(Kept(5), Kept(6));
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(256, 260)]
    [InlineData(257, 265)]
    [InlineData(1000, 1016)]
    public void ByteLength_EightBits_IsAByteEachAndAScaleForEveryBlock(int count, int bytes)
    {
        Assert.Equal(bytes, Moment.Create(count, isSigned: true, inEightBits: true).ByteLength);
        Assert.Equal(4 * count, Moment.Create(count, isSigned: true, inEightBits: false).ByteLength);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_WhatWasWritten_IsTheSameMoment(bool inEightBits)
    {
        var (one, other) = (Moment.Create(300, isSigned: true, inEightBits),
            Moment.Create(300, isSigned: true, inEightBits));
        for (var start = 0; start < 300;)
        {
            var part = one.Open(start, new float[QuantisedMoment.BlockSize]);
            for (var i = 0; i < part.Length; i++)
            {
                part[i] = MathF.Sin(start + i);
            }

            one.Close(start, part, seed: 3);
            start += part.Length;
        }

        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        one.Write(writer);
        Assert.Equal(one.ByteLength, file.Length);
        file.Position = 0;
        using var reader = new BinaryReader(file);
        other.Read(reader);

        Assert.Equal(one.Open(0, new float[256]).ToArray(), other.Open(0, new float[256]).ToArray());
        Assert.Equal(one.Open(256, new float[256]).ToArray(), other.Open(256, new float[256]).ToArray());
    }
}
