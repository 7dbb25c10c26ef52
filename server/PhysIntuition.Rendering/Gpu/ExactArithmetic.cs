using System.Reflection;
using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Types;
using ILGPU.IR.Values;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>Makes ILGPU's code round as the processor does: nothing is fused that is not written so.</summary>
/// <remarks>
/// PTX lets a compiler fuse 'mul.f32' and 'add.f32', which is what ILGPU writes, and never 'mul.rn.f32' and
/// 'add.rn.f32', which is what it writes with this. OpenCL C comes one operation a statement, which forbids fusing.
/// </remarks>
internal static class ExactArithmetic
{
    // The frontend refuses methods of the runtime that it does not know: own ones stand for them.
    static ExactArithmetic()
    {
        RemappedIntrinsics.AddRemapping(
            typeof(MathF).GetMethod(nameof(MathF.FusedMultiplyAdd))!,
            (ref InvocationContext call) => call.Method = Own(nameof(Fused)));
        RemappedIntrinsics.AddRemapping(
            typeof(BitOperations).GetMethod(nameof(BitOperations.TrailingZeroCount), [typeof(ulong)])!,
            (ref InvocationContext call) => call.Method = Own(nameof(TrailingZeros)));
    }

    /// <summary>Registers the instructions with a context. Leave its optimisation at O1: O2 takes every branch of a
    /// kernel with an index for one that all threads of a warp take alike.</summary>
    public static Context.Builder Exact(this Context.Builder builder)
    {
        var intrinsics = builder.GetIntrinsicManager();
        BinaryArithmeticKind[] kinds =
        [
            BinaryArithmeticKind.Add, BinaryArithmeticKind.Sub, BinaryArithmeticKind.Mul,
            BinaryArithmeticKind.CopySignF,
        ];
        foreach (var kind in kinds)
        {
            intrinsics.RegisterBinaryArithmetic(kind, BasicValueType.Float32, Ptx(nameof(EmitBinary)));
        }

        intrinsics.RegisterMethod(Own(nameof(Fused)), Ptx(nameof(EmitCall)));
        intrinsics.RegisterMethod(Own(nameof(Fused)), OpenCl(nameof(EmitOpenClCall)));
        intrinsics.RegisterMethod(Own(nameof(CountBits)), Ptx(nameof(EmitCall)));
        intrinsics.RegisterMethod(Own(nameof(CountBits)), OpenCl(nameof(EmitOpenClCall)));
        intrinsics.RegisterBinaryArithmetic(BinaryArithmeticKind.Add, OpenCl(nameof(EmitOpenClSum)));
        return builder.Math(MathMode.Default).Optimize(OptimizationLevel.O1);
    }

    [IntrinsicImplementation]
    private static float Fused(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    // ILGPU counts bits in a dozen steps where a device has an instruction.
    private static int TrailingZeros(ulong bits) => CountBits(~bits & (bits - 1));

    [IntrinsicImplementation]
    private static int CountBits(ulong bits) => BitOperations.PopCount(bits);

    private static void EmitBinary(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var binary = (BinaryArithmeticValue)value;
        var left = generator.LoadPrimitive(binary.Left);
        var right = generator.LoadPrimitive(binary.Right);
        var target = generator.Allocate(binary, left.Description);
        using var command = generator.BeginCommand(binary.Kind switch
        {
            BinaryArithmeticKind.Add => "add.rn.f32",
            BinaryArithmeticKind.Sub => "sub.rn.f32",
            BinaryArithmeticKind.Mul => "mul.rn.f32",
            _ => "copysign.f32",
        });

        // PTX takes the sign first, which ILGPU 1.5.3 does not know (its issue 1361).
        var isSign = binary.Kind == BinaryArithmeticKind.CopySignF;
        command.AppendArgument(target);
        command.AppendArgument(isSign ? right : left);
        command.AppendArgument(isSign ? left : right);
    }

    private static void EmitCall(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        PTXCodeGenerator.PrimitiveRegister[] operands =
            [.. Enumerable.Range(0, call.Count).Select(i => generator.LoadPrimitive(call.Nodes[i]))];
        var target = generator.AllocateHardware(call);
        using var command = generator.BeginCommand(call.Count == 3 ? "fma.rn.f32" : "popc.b64");
        command.AppendArgument(target);
        Array.ForEach(operands, command.AppendArgument);
    }

    private static void EmitOpenClCall(CLBackend backend, CLCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        var target = generator.Allocate(call);
        using var statement = generator.BeginStatement(target);
        statement.AppendCast(call.Type);
        statement.AppendCommand(call.Count == 3 ? "fma" : "popcount");
        statement.BeginArguments();
        for (var i = 0; i < call.Count; i++)
        {
            statement.AppendArgument(generator.Load(call.Nodes[i]));
        }

        statement.EndArguments();
    }

    // A pointer and an offset: ILGPU's OpenCL C makes a number of them, which has no fields.
    private static void EmitOpenClSum(CLBackend backend, CLCodeGenerator generator, Value value)
    {
        var sum = (BinaryArithmeticValue)value;
        if (sum.Type is not PointerType)
        {
            generator.GenerateCode(sum);
            return;
        }

        var target = generator.Allocate(sum);
        using var statement = generator.BeginStatement(target);
        statement.AppendCast(sum.Type);
        statement.OpenParen();
        statement.AppendCast(BasicValueType.Int64);
        statement.Append(generator.Load(sum.Left));
        statement.AppendCommand('+');
        statement.AppendCast(BasicValueType.Int64);
        statement.Append(generator.Load(sum.Right));
        statement.CloseParen();
    }

    private static PTXIntrinsic Ptx(string handler) => new(Own(handler), IntrinsicImplementationMode.GenerateCode);

    private static CLIntrinsic OpenCl(string handler) => new(Own(handler), IntrinsicImplementationMode.GenerateCode);

    private static MethodInfo Own(string name) =>
        typeof(ExactArithmetic).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
}
