using System.Globalization;
using System.Reflection;

namespace PhysIntuition.Gpu.Translation;

/// <content>What each instruction does.</content>
internal sealed partial class MethodTranslation
{
    // Runs one instruction; true where the block ends with it.
    private bool Execute()
    {
        var (name, operand) = (_now.Name, (int)_now.Operand);
        if (ConstantOf(name, _now) is { } constant)
        {
            _stack.Add(constant);
            return false;
        }

        return name.Split('.')[0] switch
        {
            "nop" or "readonly" or "volatile" => false,
            "constrained" => Do(() => _constrained = ResolveType(operand)),
            "dup" => Do(() => _stack.Add(_stack[^1])),
            "pop" => Do(() => Pop()),
            "ldarg" => Do(() => Load(Argument(Index("ldarg.")), ArgumentType(Index("ldarg.")))),
            "ldloc" => Do(() => Load(Used(Index("ldloc.")), _locals[Index("ldloc.")].LocalType)),
            "starg" => Do(() => Assign(Argument(operand), ArgumentType(operand))),
            "stloc" => Do(() => Assign(Used(Index("stloc.")), _locals[Index("stloc.")].LocalType)),
            "ldarga" => Do(() => _stack.Add(new($"((u8*)&{Argument(operand)})", Kind.Pointer))),
            "ldloca" => Do(() => _stack.Add(new($"((u8*)&{Used(operand)})", Kind.Pointer))),
            "br" => Leave(),
            "brtrue" or "brfalse" or "beq" or "bne" or "bgt" or "bge" or "blt" or "ble" => Branch(),
            "switch" => Choose(),
            "ret" => Return(),
            _ => ExecutePlain(name, operand),
        };
    }

    private bool ExecutePlain(string name, int operand)
    {
        switch (name.Split('.')[0])
        {
            case "add" or "sub" or "mul" or "div" or "rem" or "and" or "or" or "xor" or "shl" or "shr":
                Combine(name);
                break;
            case "neg" or "not":
                Negate(name);
                break;
            case "conv":
                Convert(name[5..]);
                break;
            case "ceq" or "cgt" or "clt":
                PushTruth(Comparison(name[1..]));
                break;
            case "call" or "newobj":
                Call(ResolveMethod(operand), name == "newobj");
                _constrained = null;
                break;
            default:
                ExecuteMemory(name, operand);
                break;
        }

        return false;
    }

    private static bool Do(Action action)
    {
        action();
        return false;
    }

    private static Value? ConstantOf(string name, Instruction instruction) => name switch
    {
        "ldc.i4.m1" => Value.Of(-1, Kind.Int),
        "ldc.i4" or "ldc.i4.s" => Value.Of(instruction.Operand, Kind.Int),
        "ldc.i8" => Value.Of(instruction.Operand, Kind.Long),
        "ldc.r4" => Literal(BitConverter.Int32BitsToSingle((int)instruction.Operand)),
        "ldc.r8" => Literal(BitConverter.Int64BitsToDouble(instruction.Operand)),
        _ => name.StartsWith("ldc.i4.", StringComparison.Ordinal) ? Value.Of(name[7] - '0', Kind.Int) : null,
    };

    // The shortest decimal that gives the float back; every compiler rounds decimals correctly.
    private static Value Literal(float number) => new(
        float.IsFinite(number) ? $"{Decimal(number.ToString("R", CultureInfo.InvariantCulture))}f)"
            : $"FLOAT_OF_BITS(0x{BitConverter.SingleToInt32Bits(number):x8}u)",
        Kind.Float);

    private static Value Literal(double number) => new(
        double.IsFinite(number) ? $"{Decimal(number.ToString("R", CultureInfo.InvariantCulture))})"
            : $"((double)FLOAT_OF_BITS(0x{BitConverter.SingleToInt32Bits((float)number):x8}u))",
        Kind.Double);

    private static string Decimal(string number) =>
        number.IndexOfAny(['.', 'E']) < 0 ? $"({number}.0" : $"({number}";

    private int Index(string prefix) =>
        _now.Name.Length == prefix.Length + 1 && char.IsDigit(_now.Name[^1]) ? _now.Name[^1] - '0' : (int)_now.Operand;

    private bool Leave()
    {
        GoTo((int)_now.Operand, "");
        return true;
    }

    private bool Return()
    {
        var type = (_method as MethodInfo)?.ReturnType ?? typeof(void);
        _text.Append(type == typeof(void) ? "  return;\n" : $"  return {As(TypeTable.KindOf(type), Pop())};\n");
        return true;
    }

    // A condition that is known leaves one way only: code for other widths than one is never reached.
    private bool Branch()
    {
        var name = _now.Name.Replace(".s", "", StringComparison.Ordinal);
        var condition = name is "brtrue" or "brfalse" ? Truth(name) : Comparison(name[1..]);
        if (condition == "0")
        {
            return false;
        }

        GoTo((int)_now.Operand, condition == "1" ? "" : $"if ({condition}) ");
        if (condition != "1")
        {
            GoTo(_code[_indexOf[_now.Offset] + 1].Offset, "");
        }

        return true;
    }

    private bool Choose()
    {
        var value = Pop();
        var targets = _now.Targets!;
        if (value.Constant is { } known)
        {
            GoTo((ulong)known < (ulong)targets.Length ? targets[known] : Next(), "");
            return true;
        }

        _text.Append(CultureInfo.InvariantCulture, $"  switch ({value.Text})\n  {{\n");
        for (var i = 0; i < targets.Length; i++)
        {
            if (_stack.Count > 0)
            {
                throw Fault("values stay on the stack across a switch.");
            }

            CarryTo(targets[i]);
            _text.Append(CultureInfo.InvariantCulture, $"    case {i}: goto L{targets[i]};\n");
        }

        _text.Append("  }\n");
        GoTo(Next(), "");
        return true;
    }

    private int Next() => _code[_indexOf[_now.Offset] + 1].Offset;

    private Type ResolveType(int token) => _method.Module.ResolveType(token, _typeArguments, _methodArguments);

    private FieldInfo ResolveField(int token) => _method.Module.ResolveField(token, _typeArguments, _methodArguments)!;

    private MethodBase ResolveMethod(int token) =>
        _method.Module.ResolveMethod(token, _typeArguments, _methodArguments)!;
}
