using System.Reflection;

namespace PhysIntuition.Gpu.Translation;

/// <summary>The methods of the class library that a device has, each with the very result of the processor's.</summary>
internal static class Intrinsics
{
    private static readonly Dictionary<string, Entry> s_entries = new()
    {
        ["System.MathF.Abs"] = Of(Kind.Float, a => $"ABS({a[0]})"),
        ["System.MathF.Sqrt"] = Of(Kind.Float, a => $"SQRT({a[0]})"),
        ["System.MathF.Floor"] = Of(Kind.Float, a => $"FLOOR({a[0]})"),
        ["System.MathF.CopySign"] = Of(Kind.Float, a => $"COPY_SIGN({a[0]}, {a[1]})"),
        ["System.MathF.FusedMultiplyAdd"] = Of(Kind.Float, a => $"FMA({a[0]}, {a[1]}, {a[2]})"),
        ["System.Math.Min"] = new(NoHelpers, (method, a, _) => Extreme(method, a, '<')),
        ["System.Math.Max"] = new(NoHelpers, (method, a, _) => Extreme(method, a, '>')),
        ["System.Numerics.BitOperations.TrailingZeroCount"] = new(NoHelpers, (method, a, _) =>
            (SizeOfFirst(method) == sizeof(long)
                ? $"trailing_zeros((u64){a[0].Text})"
                : $"trailing_zeros((u64)(u32){a[0].Text} | (u64)1 << 32)", Kind.Int, null)),
        ["System.Runtime.CompilerServices.Unsafe.AsPointer"] = Of(Kind.Pointer, a => a[0]),
        ["System.Runtime.CompilerServices.Unsafe.BitCast"] = new(BitCastHelper, (method, a, types) =>
            ($"{BitCastName(method, types)}({a[0].Text})", TypeTable.KindOf(Generic(method, 1)), Generic(method, 1))),
        ["System.Runtime.InteropServices.MemoryMarshal.GetReference"] = Of(Kind.Pointer, a => $"{a[0]}.start"),
        ["System.Runtime.CompilerServices.RuntimeHelpers.CreateSpan"] = new(NeedsSpan, (method, a, _) =>
            ($"span_of({a[0].Text}, {a[0].Constant / TypeTable.SizeOf(Generic(method, 0))})", Kind.Structure,
                ((MethodInfo)method).ReturnType)),
        ["Span..ctor"] = new(NeedsSpan, (method, a, _) =>
            ($"span_of({a[0].Text}, {a[1].Text})", Kind.Structure, method.DeclaringType)),
        ["Span.get_Item"] = new(NeedsSpan, (method, a, _) =>
            ($"((Span*){a[0].Text})->start + (i64){a[1].Text} * {ElementSize(method)}", Kind.Pointer, null)),
        ["Span.get_Length"] = Of(Kind.Int, a => $"((Span*){a[0]})->length"),
        ["Span.GetPinnableReference"] = Of(Kind.Pointer, a => $"((Span*){a[0]})->start"),
    };

    /// <summary>How a call is written.</summary>
    /// <param name="Declarations">Functions that it needs.</param>
    /// <param name="Expression">The call itself, its kind and its type.</param>
    internal sealed record Entry(
        Func<MethodBase, TypeTable, IEnumerable<string>> Declarations,
        Func<MethodBase, Value[], TypeTable, (string Text, Kind Kind, Type? Type)> Expression);

    /// <summary>The entry of a method, or null where the method is to be translated itself.</summary>
    public static Entry? Find(MethodBase method)
    {
        var type = method.DeclaringType!;
        return s_entries.GetValueOrDefault(
            TypeTable.IsSpan(type) ? $"Span.{method.Name}" : $"{type.FullName}.{method.Name}") is { } entry
            && IsMeant(method) ? entry : null;
    }

    // Of Math.Min and Math.Max only those of whole numbers: those of floats treat what is not a number specially.
    private static bool IsMeant(MethodBase method) => method.DeclaringType != typeof(Math)
        || TypeTable.KindOf(method.GetParameters()[0].ParameterType) is Kind.Int or Kind.Long;

    private static Entry Of(Kind kind, Func<string[], string> text) =>
        new(NoHelpers, (_, values, _) => (text([.. values.Select(value => value.Text)]), kind, null));

    private static IEnumerable<string> NoHelpers(MethodBase method, TypeTable types) => [];

    private static IEnumerable<string> NeedsSpan(MethodBase method, TypeTable types)
    {
        var type = method.DeclaringType!;
        types.InMemory(TypeTable.IsSpan(type) ? type : ((MethodInfo)method).ReturnType);
        return [];
    }

    private static (string Text, Kind Kind, Type? Type) Extreme(MethodBase method, Value[] a, char sign)
    {
        var type = method.GetParameters()[0].ParameterType;
        var kind = TypeTable.KindOf(type);
        var cast = type == typeof(uint) ? "(u32)" : type == typeof(ulong) || type == typeof(nuint) ? "(u64)" : "";
        return ($"{cast}{a[0].Text} {sign} {cast}{a[1].Text} ? {a[0].Text} : {a[1].Text}", kind, null);
    }

    private static IEnumerable<string> BitCastHelper(MethodBase method, TypeTable types)
    {
        string from = types.InMemory(Generic(method, 0)), to = types.InMemory(Generic(method, 1));
        yield return $"FUNCTION {to} {BitCastName(method, types)}({from} a)\n{{\n"
            + $"  union {{ {from} from; {to} to; }} bits;\n  bits.from = a;\n  return bits.to;\n}}\n\n";
    }

    private static string BitCastName(MethodBase method, TypeTable types) =>
        $"bits_{types.InMemory(Generic(method, 0))}_to_{types.InMemory(Generic(method, 1))}";

    private static Type Generic(MethodBase method, int index) => method.GetGenericArguments()[index];

    private static int ElementSize(MethodBase method) =>
        TypeTable.SizeOf(method.DeclaringType!.GetGenericArguments()[0]);

    private static int SizeOfFirst(MethodBase method) => TypeTable.SizeOf(method.GetParameters()[0].ParameterType);
}
