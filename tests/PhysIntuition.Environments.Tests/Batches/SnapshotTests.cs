using System.Buffers;
using System.Runtime.InteropServices;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Batches;

/// <summary>A slot that is restored goes on as if it had never stopped.</summary>
public sealed class SnapshotTests
{
    private const int Steps = 7;

    public static TheoryData<string, AutoresetMode> Cases => new(
        from row in Given.Tasks
        from mode in Enum.GetValues<AutoresetMode>()
        select (row.Data, mode));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Restore_AtEveryStep_GoesOnAsWithoutStopping(string id, AutoresetMode mode)
    {
        for (var stop = 0; stop < Steps; stop += 3)
        {
            var whole = Given.Batch(id, 1, mode: mode);
            whole.Reset(77);
            Play(whole, 0, stop);
            var file = new ArrayBufferWriter<byte>();
            whole.Capture(0, file);
            var other = Given.Batch(id, 1, mode: mode);

            other.Restore(0, file.WrittenSpan);

            Assert.Equal(whole.View.Prompt(0), other.View.Prompt(0));
            Assert.Equal(whole.View.Expert(0), other.View.Expert(0));
            Assert.Equal(Given.Picture(whole, 0, 32), Given.Picture(other, 0, 32));
            Assert.Equal(State(whole), State(other));
            Assert.Equal(Play(whole, stop, Steps), Play(other, stop, Steps));
        }
    }

    [Theory]
    [MemberData(nameof(Given.Tasks), MemberType = typeof(Given))]
    public void Capture_RestoredSlot_GivesTheSameBytesAgain(string id)
    {
        var batch = Given.Batch(id, 1, options: """{"palette":"pastels","pictureWidth":64}""");
        batch.Reset(5);
        var (first, second) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        batch.Capture(0, first);
        var other = Given.Batch(id, 1);

        other.Restore(0, first.WrittenSpan);
        other.Capture(0, second);

        Assert.Equal(first.WrittenSpan, second.WrittenSpan);
    }

    // Between the fields of a struct lies what the memory held before: none of it may leave the process.
    [Theory]
    [MemberData(nameof(Given.Tasks), MemberType = typeof(Given))]
    public void Capture_WhateverLiesBetweenTheFields_GivesTheSameBytes(string id)
    {
        var (batch, clean, dirty) = (Given.Batch(id, 1), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        batch.Reset(5);
        batch.Capture(0, clean);
        var episode = batch.View.Episode(0);
        SoilPadding(episode.World.Bodies);
        SoilPadding(episode.Appearances);

        batch.Capture(0, dirty);

        Assert.Equal(clean.WrittenSpan, dirty.WrittenSpan);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(40)]
    [InlineData(200)]
    public void Restore_CutShort_IsRefusedAndTheSlotStaysAsItWas(int bytes)
    {
        var batch = Given.Batch("Stability-v1", 1);
        batch.Reset(5);
        var file = new ArrayBufferWriter<byte>();
        batch.Capture(0, file);
        batch.Reset(6);
        var before = batch.View.Prompt(0) + batch.Results.SceneHashes[0];

        var fault = Assert.Throws<Faults.PhysIntuitionException>(() => batch.Restore(0, file.WrittenSpan[..bytes]));

        Assert.Equal("snapshot", fault.Field);
        Assert.Contains("Send the bytes of a capture of the same task, split and version.", fault.Message,
            StringComparison.Ordinal);
        Assert.Equal(before, batch.View.Prompt(0) + batch.Results.SceneHashes[0]);
        batch.Step(Given.ExpertActions(batch));
        Assert.Equal(1, batch.Results.Rewards[0]);
    }

    [Theory]
    [InlineData(0, "of another version")]
    [InlineData(5, "it is not of Stability-v1")]
    public void Restore_OtherFormatOrTask_SaysWhich(int place, string says)
    {
        var batch = Given.Batch("Stability-v1", 1);
        batch.Reset(5);
        var file = new ArrayBufferWriter<byte>();
        batch.Capture(0, file);
        var bytes = file.WrittenSpan.ToArray();
        bytes[place] ^= 0x40;

        Assert.Contains(says, Assert.Throws<Faults.PhysIntuitionException>(() => batch.Restore(0, bytes)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_OtherSplit_SaysBoth()
    {
        var (test, train) = (Given.Batch("Stability-v1", 1), Given.Batch("Stability-v1", 1, Split.Train));
        test.Reset(5);
        var file = new ArrayBufferWriter<byte>();
        test.Capture(0, file);

        var fault = Assert.Throws<Faults.PhysIntuitionException>(() => train.Restore(0, file.WrittenSpan));

        Assert.Contains("it is of the split 'Test', not 'Train'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_OneSlot_LeavesTheOthersAlone()
    {
        var (batch, twin) = (Given.Batch("Offset-v1", 4), Given.Batch("Offset-v1", 4));
        var file = new ArrayBufferWriter<byte>();
        foreach (var each in (EnvironmentBatch[])[batch, twin])
        {
            each.Reset(20);
        }

        batch.Capture(1, file);
        batch.Restore(2, file.WrittenSpan);

        Assert.Equal([20UL, 21, 21, 23], batch.Results.Seeds);
        foreach (var slot in (int[])[0, 1, 3])
        {
            Assert.Equal(Given.Picture(twin, slot, 32), Given.Picture(batch, slot, 32));
        }

        Assert.Equal(Given.Picture(twin, 1, 32), Given.Picture(batch, 2, 32));
    }

    [Fact]
    public void Capture_SlotWithoutAnEpisode_IsRefused()
    {
        var batch = Given.Batch("Offset-v1", 2);

        var fault = Assert.Throws<Faults.PhysIntuitionException>(
            () => batch.Capture(1, new ArrayBufferWriter<byte>()));

        Assert.Equal("Slot 1 has no episode; there are 2 slots, and Reset gives them one.", fault.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Restore_SlotThatIsNotThere_NamesTheSlots(int slot)
    {
        var batch = Given.Batch("Offset-v1", 2);

        var fault = Assert.Throws<Faults.PhysIntuitionException>(() => batch.Restore(slot, []));

        Assert.Equal($"'slots' names slot {slot}; the batch has the slots 0 to 1. Choose one of these.", fault.Message);
    }

    // What a player sees of steps from one to the next: some answers good, some random, some no answers.
    private static List<string> Play(EnvironmentBatch batch, int from, int to)
    {
        var told = new List<string>();
        for (var step = from; step < to; step++)
        {
            if (batch.IsDone(0) && batch.Options.Autoreset == AutoresetMode.Disabled)
            {
                batch.Reset(default, default);
            }

            var random = new RandomStream((ulong)step);
            batch.Step([(step % 3) switch
            {
                0 => SlotAction.OfNumbers([.. batch.Task.Spec.Answer.Select(axis =>
                    Math.Round(random.NextFloat((float)axis.Min, (float)axis.Max)))]),
                1 => SlotAction.OfText(batch.View.Expert(0)),
                _ => SlotAction.OfText("Who knows?"),
            }]);
            var results = batch.Results;
            told.Add($"{results.Rewards[0]} {results.Terminated[0]} {results.Truncated[0]} {results.WasReset[0]} "
                + $"{results.Seeds[0]} {results.Steps[0]} {results.SceneHashes[0]} {results.OutcomeHashes[0]} "
                + $"{results.Verdicts[0]} {results.ParseErrors[0]} {results.Distances[0]} {results.Margins[0]} "
                + $"{results.HasFinal[0]} {batch.View.Prompt(0)} {string.Join(' ', State(batch))}");
        }

        return told;
    }

    // Changes every byte that no field has: those whose change leaves the item equal to itself.
    private static void SoilPadding<T>(List<T> items)
        where T : unmanaged
    {
        foreach (ref var item in CollectionsMarshal.AsSpan(items))
        {
            var (before, soiled) = (item, 0);
            var bytes = MemoryMarshal.AsBytes(new Span<T>(ref item));
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] ^= 0xAB;
                var isPadding = EqualityComparer<T>.Default.Equals(before, item);
                bytes[i] ^= isPadding ? (byte)0 : (byte)0xAB;
                soiled += isPadding ? 1 : 0;
            }

            Assert.True(soiled >= 3, $"{typeof(T)} has {soiled} bytes between its fields.");
        }
    }

    private static float[] State(EnvironmentBatch batch)
    {
        var state = new float[StateLayout.Length];
        batch.View.State([0], state);

        return state;
    }
}
