using System.Runtime.CompilerServices;
using PhysIntuition.Gpu.Cuda;
using PhysIntuition.Gpu.Translation;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Gpu.Tests;

/// <summary>Small methods, translated and run: each gives what C# gives, on ordinary and on special numbers.</summary>
[Collection("alone")]
public sealed unsafe class TranslationTests
{
    private const int Count = 256;
    private static readonly float[] s_special =
        [0f, -0f, 1f, -1f, float.Epsilon, -1e-40f, 3e38f, float.PositiveInfinity, float.NegativeInfinity, float.NaN];

    [Fact]
    public void Kernels_OfEveryKind_GiveWhatCSharpGives()
    {
        string[] names =
        [
            nameof(Kernels.Whole), nameof(Kernels.Wide), nameof(Kernels.Compare), nameof(Kernels.Float),
            nameof(Kernels.Structures), nameof(Kernels.Spans), nameof(Kernels.Choices), nameof(Kernels.Generic),
        ];
        var text = CudaPrelude.Text + KernelTranslator.Translate(
            [.. names.Select(name => typeof(Kernels).GetMethod(name)!)]);
        Assert.True(StandIn.Libraries.TryLoad(out var driver, out var compiler, out _));
        var cuda = new CudaDriver(driver);
        Assert.Equal(1, cuda.CountDevices());
        using var device = new CudaDevice(cuda, new(compiler), 0, text);

        foreach (var name in names)
        {
            Assert.True(Here(name).SequenceEqual(There(device, name)), $"{name} differs.");
        }
    }

    [Fact]
    public void Translate_Object_NamesMethodAndInstruction() => AssertFault(
        nameof(Refused.Object), "Refused.Object, IL_0001 'newobj'", "System.Object..ctor of the class library");

    [Fact]
    public void Translate_Array_NamesMethodAndInstruction() => AssertFault(
        nameof(Refused.Array), "'newarr'", "no objects, arrays or exceptions");

    [Fact]
    public void Translate_Throw_NamesMethodAndInstruction() => AssertFault(
        nameof(Refused.Throws), "'newobj'", "Refused.Throws");

    [Fact]
    public void Translate_Catch_NamesMethod() => AssertFault(
        nameof(Refused.Catches), "Refused.Catches catches or cleans up after exceptions", "");

    [Fact]
    public void Translate_Recursion_NamesMethod() => AssertFault(
        nameof(Refused.Recursive), "Refused.Recurse calls itself", "");

    [Fact]
    public void Translate_ClassLibrary_NamesCallerAndCallee() => AssertFault(
        nameof(Refused.Library), "Refused.Library, IL_", "System.MathF.Round of the class library");

    [Fact]
    public void Translate_ChangingField_NamesIt() => AssertFault(
        nameof(Refused.Static), "Refused.get_Changing, IL_", "may change");

    [Fact]
    public void Translate_Checked_NamesInstruction() => AssertFault(
        nameof(Refused.Checked), "'add.ovf'", "checked arithmetic");

    [Fact]
    public void Translate_StackMemoryOfUnknownSize_NamesInstruction() => AssertFault(
        nameof(Refused.Unknown), "'localloc'", "must be a constant");

    private static void AssertFault(string method, string one, string other)
    {
        var fault = Assert.Throws<KernelTranslationException>(
            () => KernelTranslator.Translate(typeof(Refused).GetMethod(method)!));

        Assert.Contains(one, fault.Message);
        Assert.Contains(other, fault.Message);
    }

    private static byte[] Inputs()
    {
        var random = new RandomStream(5);
        var bytes = new byte[Count * 16];
        for (var i = 0; i < bytes.Length / 4; i++)
        {
            var isSpecial = i % 3 == 0;
            var bits = isSpecial
                ? BitConverter.SingleToUInt32Bits(s_special[random.NextInt(0, s_special.Length)])
                : (uint)random.NextBits();
            BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), i % 2 == 0 ? bits : (uint)random.NextInt(-9, 10));
        }

        return bytes;
    }

    private static byte[] Here(string name)
    {
        byte[] input = Inputs(), output = new byte[Count * 64];
        var kernel = typeof(Kernels).GetMethod(name)!
            .MethodHandle.GetFunctionPointer();
        fixed (byte* from = input, to = output)
        {
            for (var i = 0; i < Count; i++)
            {
                ((delegate*<int, int, int, byte*, byte*, void>)kernel)(i, 0, 0, from, to);
            }
        }

        return output;
    }

    private static byte[] There(CudaDevice device, string name)
    {
        byte[] input = Inputs(), output = new byte[Count * 64];
        var kernel = device.Kernel(name);
        using var scope = device.Enter();
        nuint from = device.Driver.Allocate(input.Length), to = device.Driver.Allocate(output.Length);
        int count = Count, one = 1;
        fixed (byte* source = input, target = output)
        {
            device.Driver.Upload(from, source, input.Length, 0);
            device.Driver.Upload(to, target, output.Length, 0);
            void** arguments = stackalloc void*[] { &from, &to, &count, &one, &one };
            device.Driver.Launch(kernel, new(Count, 1, 1, 96), 0, arguments);
            device.Driver.Download(target, to, output.Length, 0);
            device.Driver.AwaitStream(0);
        }

        device.Driver.Free(from);
        device.Driver.Free(to);
        return output;
    }

    private interface IScale<T> where T : struct, IScale<T>
    {
        static abstract float Of(float x);

        static abstract int Steps { get; }
    }

    private readonly struct Double : IScale<Double>
    {
        public static int Steps => 2;

        public static float Of(float x) => x * 2f;
    }

    private struct Pair
    {
        public float A;
        public Inner B;
        public byte Small;

        public readonly float Sum => A + B.X + B.Y;

        public static Pair Swapped(Pair p) =>
            new() { A = p.B.X, B = new Inner(p.A, p.B.Y), Small = (byte)(p.Small + 1) };
    }

    private readonly struct Inner(float x, float y)
    {
        public readonly float X = x, Y = y;
    }

    /// <summary>Sixteen bytes in, up to 64 out.</summary>
    private static class Kernels
    {
        private static readonly float s_third = 1f / 3f;

        private static ReadOnlySpan<ulong> Table => [3, ulong.MaxValue, 1ul << 40];

        private static ReadOnlySpan<float> Weights => [0.5f, -2f, 1e-3f];

        public static void Whole(int x, int y, int z, byte* from, byte* to)
        {
            int a = ((int*)from)[x * 4], b = ((int*)from)[(x * 4) + 1];
            var o = (int*)to + (x * 16);
            var shift = b & 31;
            o[0] = unchecked(a + b);
            o[1] = unchecked(a * b);
            o[2] = b == 0 || b == -1 ? -a : a / b;
            o[3] = b == 0 || b == -1 ? ~a : a % b;
            o[4] = (int)((uint)a / ((uint)b | 1u));
            o[5] = (int)((uint)a % ((uint)b | 1u));
            o[6] = a >> shift;
            o[7] = (int)((uint)a >> shift);
            o[8] = a << shift;
            o[9] = (sbyte)a + (byte)b + (short)a + (ushort)b;
            o[10] = Math.Min(a, b) ^ Math.Max(a, b);
            o[11] = (int)Math.Min((uint)a, (uint)b);
            o[12] = System.Numerics.BitOperations.TrailingZeroCount((uint)a);
            o[13] = a > b ? a >= b ? 1 : 2 : a < b ? 3 : 4;
            o[14] = (uint)a > (uint)b ? 1 : (uint)a <= (uint)(b - 1) ? 2 : 3;
            o[15] = int.MinValue & (a | b);
        }

        public static void Wide(int x, int y, int z, byte* from, byte* to)
        {
            long a = ((long*)from)[x * 2], b = ((int*)from)[(x * 4) + 3];
            var o = (long*)to + (x * 8);
            var shift = (int)(b & 63);
            o[0] = unchecked((a * b) + b);
            o[1] = b == 0 || b == -1 ? long.MinValue : a / b;
            o[2] = (long)((ulong)a / ((ulong)b | 1));
            o[3] = (long)((ulong)a >> shift) ^ (a >> shift) ^ (1L << shift);
            o[4] = System.Numerics.BitOperations.TrailingZeroCount((ulong)a) + ((ulong)a < (ulong)b ? 100 : 200);
            o[5] = (long)Table[(int)((uint)b % 3)];
            o[6] = Unsafe.BitCast<double, long>((a * 0.1) + (b / 3.0));
            o[7] = (int)a + (uint)b;
        }

        public static void Compare(int x, int y, int z, byte* from, byte* to)
        {
            float a = ((float*)from)[x * 4], b = ((float*)from)[(x * 4) + 2];
            var o = (int*)to + (x * 16);
            o[0] = a < b ? 1 : 0;
            o[1] = !(a < b) ? 1 : 0;
            o[2] = a <= b ? 1 : 0;
            o[3] = a > b || !Same(a, a) ? 1 : 0;
            o[4] = a >= b && Same(b, b) ? 1 : 0;
            o[5] = a == b ? 1 : 0;
            o[6] = a != b ? 1 : 0;
            bool less = a < b, notLess = !(a >= b);
            o[7] = (less ? 1 : 0) + (notLess ? 2 : 0);
            if (a > b)
            {
                o[8] = 5;
            }

            while (o[9] < 3 && !(a > 0f))
            {
                o[9]++;
            }
        }

        public static void Float(int x, int y, int z, byte* from, byte* to)
        {
            float a = ((float*)from)[x * 4], b = ((float*)from)[(x * 4) + 2];
            var c = ((int*)from)[(x * 4) + 1];
            var o = (float*)to + (x * 16);
            Keep(o, a + b);
            Keep(o + 1, a - b);
            Keep(o + 2, a * b);
            Keep(o + 3, a / b);
            Keep(o + 4, (a * b) + c);
            Keep(o + 5, MathF.FusedMultiplyAdd(a, b, c));
            Keep(o + 6, MathF.Sqrt(MathF.Abs(a)));
            Keep(o + 7, MathF.Floor(b));
            o[8] = MathF.CopySign(2.5f, a);
            o[9] = -c * 0.1f;
            o[10] = (uint)c;
            o[11] = s_third * c;
            o[12] = (int)(c * 1.75f);
            Keep(o + 13, a < b ? a : b);
            o[14] = Unsafe.BitCast<int, float>(c);
            o[15] = float.PositiveInfinity;
        }

        public static void Structures(int x, int y, int z, byte* from, byte* to)
        {
            Pair pair;
            pair.A = ((int*)from)[(x * 4) + 1];
            pair.B = new(x, ((int*)from)[(x * 4) + 3]);
            pair.Small = 255;
            var swapped = Pair.Swapped(pair);
            (pair, swapped) = (swapped, pair);
            Grow(ref pair);
            var o = (float*)to + (x * 16);
            o[0] = pair.Sum;
            o[1] = swapped.B.X;
            o[2] = pair.Small;
            Pair nothing = default;
            o[3] = nothing.Sum + sizeof(Pair);
            *(Pair*)(o + 4) = pair;
            o[12] = ((Pair*)(o + 4))->B.Y;
        }

        public static void Spans(int x, int y, int z, byte* from, byte* to)
        {
            var span = new Span<float>((float*)to + (x * 16), 16);
            var memory = stackalloc float[3];
            for (var i = 0; i < Weights.Length; i++)
            {
                memory[i] = Weights[i] * x;
            }

            span[0] = memory[0] + memory[1] + memory[2];
            span[span.Length - 1] = ((int*)from)[(x * 4) + 1];
        }

        public static void Choices(int x, int y, int z, byte* from, byte* to)
        {
            var o = (int*)to + (x * 16);
            o[0] = (x % 7) switch { 0 => 10, 1 => 11, 2 => 5, 3 => 13, 4 => x, _ => -1 };
            for (int i = 0, j = x; j != 1 && i < 300; i++)
            {
                j = (j & 1) == 0 ? j / 2 : (3 * j) + 1;
                o[1] = i;
                if (j == 7)
                {
                    continue;
                }

                o[2] += j;
            }
        }

        public static void Generic(int x, int y, int z, byte* from, byte* to) =>
            ((float*)to)[x * 16] = Scale<Double>(x) + Twice((byte)x) + Twice(0.5f);

        private static float Scale<T>(float x) where T : struct, IScale<T>
        {
            for (var i = 0; i < T.Steps; i++)
            {
                x = T.Of(x);
            }

            return x;
        }

        private static int Twice(byte x) => (byte)(2 * x);

        private static float Twice(float x) => 2f * x;

        // Which of the many NaN an operation gives is no one's promise.
        private static void Keep(float* target, float value) => *target = Same(value, value) ? value : 42f;

        private static bool Same(float a, float b) => a == b;

        private static void Grow(ref Pair pair) => pair.A += 1f;
    }

    private static class Refused
    {
        public static int Changing { get; set; }

        public static void Object(int x, int y, int z, int* to) => *to = new object().GetHashCode();

        public static void Array(int x, int y, int z, int* to) => *to = new int[3].Length;

        public static void Throws(int x, int y, int z, int* to)
        {
            if (x > 3)
            {
                throw new InvalidOperationException();
            }

            *to = 1;
        }

        public static void Catches(int x, int y, int z, int* to)
        {
            try
            {
                *to = x;
            }
            finally
            {
                *to = y;
            }
        }

        public static void Recursive(int x, int y, int z, int* to) => *to = Recurse(x);

        public static void Library(int x, int y, int z, float* to) => *to = MathF.Round(*to);

        public static void Static(int x, int y, int z, int* to) => *to = Changing;

        public static void Checked(int x, int y, int z, int* to) => *to = checked(x + y);

        public static void Unknown(int x, int y, int z, int* to)
        {
            var memory = stackalloc byte[x];
            *to = memory[0];
        }

        private static int Recurse(int x) => x > 0 ? Recurse(x - 1) : 0;
    }
}
