namespace PhysIntuition.Gpu.Translation;

/// <content>Numbers: integers wrap as in C#, floats are rounded after every operation.</content>
internal sealed partial class MethodTranslation
{
    private void Combine(string name)
    {
        var (b, a) = (Pop(), Pop());
        var parts = name.Split('.');
        var (operation, isUnsigned) = (parts[0], parts[^1] == "un");
        if (operation is not ("shl" or "shr") && Fold(operation, a, b) is { } known)
        {
            _stack.Add(known);
        }
        else if (parts.Contains("ovf"))
        {
            throw Fault("checked arithmetic throws, and a device cannot.");
        }
        else if (operation is "add" or "sub" && (a.Kind == Kind.Pointer || b.Kind == Kind.Pointer))
        {
            CombinePointers(operation, a, b);
        }
        else if (a.Kind is Kind.Float or Kind.Double)
        {
            CombineFloats(operation, a, b);
        }
        else
        {
            CombineIntegers(operation, isUnsigned, a, b);
        }
    }

    private static Value? Fold(string operation, Value a, Value b)
    {
        if (a.Constant is not { } x || b.Constant is not { } y)
        {
            return null;
        }

        var kind = a.Kind == Kind.Int && b.Kind == Kind.Int ? Kind.Int : Kind.Long;
        long? result = operation switch
        {
            "add" => unchecked(x + y),
            "sub" => unchecked(x - y),
            "mul" => unchecked(x * y),
            "and" => x & y,
            "or" => x | y,
            _ => null,
        };
        return result is { } number ? Value.Of(kind == Kind.Int ? (int)number : number, kind) : null;
    }

    private void CombinePointers(string operation, Value a, Value b)
    {
        if (a.Kind == Kind.Pointer && b.Kind == Kind.Pointer)
        {
            Push($"(i64)({a.Text} - {b.Text})", Kind.Long);
            return;
        }

        var (pointer, number) = a.Kind == Kind.Pointer ? (a, b) : (b, a);
        Push($"{pointer.Text} {(operation == "add" ? '+' : '-')} {number.Text}", Kind.Pointer);
    }

    private void CombineFloats(string operation, Value a, Value b)
    {
        var sign = operation switch
        {
            "add" => "+",
            "sub" => "-",
            "mul" => "*",
            "div" => "/",
            _ => throw Fault("floats have no such operation on a device."),
        };
        Push($"{a.Text} {sign} {b.Text}", a.Kind == Kind.Double || b.Kind == Kind.Double ? Kind.Double : Kind.Float);
    }

    private void CombineIntegers(string operation, bool isUnsigned, Value a, Value b)
    {
        var isLong = a.Kind is Kind.Long or Kind.Pointer
            || (b.Kind is Kind.Long or Kind.Pointer && operation is not ("shl" or "shr"));
        var (signed, plain) = isLong ? ("i64", "u64") : ("i32", "u32");
        var (x, y) = ($"({plain})({signed}){a.Text}", $"({plain})({signed}){b.Text}");
        if (!isLong)
        {
            (x, y) = ($"(u32){a.Text}", $"(u32){b.Text}");
        }

        var expression = operation switch
        {
            "add" => $"{x} + {y}",
            "sub" => $"{x} - {y}",
            "mul" => $"{x} * {y}",
            "and" => $"{x} & {y}",
            "or" => $"{x} | {y}",
            "xor" => $"{x} ^ {y}",
            "shl" => $"{x} << {b.Text}",
            "shr" => isUnsigned ? $"{x} >> {b.Text}" : $"{a.Text} >> {b.Text}",
            "div" => isUnsigned ? $"{x} / {y}" : $"({signed}){a.Text} / ({signed}){b.Text}",
            _ => isUnsigned ? $"{x} % {y}" : $"({signed}){a.Text} % ({signed}){b.Text}",
        };
        Push($"({signed})({expression})", isLong ? Kind.Long : Kind.Int);
    }

    private void Negate(string name)
    {
        var a = Pop();
        var isFloat = a.Kind is Kind.Float or Kind.Double;
        var (signed, plain) = a.Kind == Kind.Long ? ("i64", "u64") : ("i32", "u32");
        Push(isFloat ? $"-{a.Text}" : name == "neg" ? $"({signed})(0 - ({plain}){a.Text})" : $"~{a.Text}", a.Kind);
    }

    private void Convert(string target)
    {
        var a = Pop();
        if (target.StartsWith("ovf", StringComparison.Ordinal))
        {
            throw Fault("checked conversions throw, and a device cannot.");
        }

        if (a is { Constant: 0, Kind: Kind.Int } && target == "u")
        {
            _stack.Add(new("((u8*)0)", Kind.Pointer));   // how C# writes a null pointer
        }
        else if (a.Kind == Kind.Pointer && target is ("i" or "u"))
        {
            _stack.Add(a);
        }
        else if (a.Constant is { } known && a.Kind != Kind.Pointer && target is ("i" or "i8" or "u" or "u8"))
        {
            _stack.Add(Value.Of(target[0] == 'u' && a.Kind == Kind.Int ? (uint)known : known, Kind.Long));
        }
        else
        {
            ConvertNumber(target, a.Kind == Kind.Pointer ? a with { Text = $"(i64){a.Text}", Kind = Kind.Long } : a);
        }
    }

    private void ConvertNumber(string target, Value a)
    {
        var plain = a.Kind == Kind.Long ? "u64" : "u32";
        var isFloat = a.Kind is Kind.Float or Kind.Double;
        var (expression, kind) = target switch
        {
            "i1" => ($"(i32)(i8)(i32){a.Text}", Kind.Int),
            "u1" => ($"(i32)(u8)(i32){a.Text}", Kind.Int),
            "i2" => ($"(i32)(i16)(i32){a.Text}", Kind.Int),
            "u2" => ($"(i32)(u16)(i32){a.Text}", Kind.Int),
            "i4" => ($"(i32){a.Text}", Kind.Int),
            "u4" => ($"(i32)(u32){a.Text}", Kind.Int),
            "i" or "i8" => ($"(i64){a.Text}", Kind.Long),
            "u" or "u8" => (isFloat ? $"(i64)(u64){a.Text}" : $"(i64)({plain}){a.Text}", Kind.Long),
            "r4" => ($"(float){a.Text}", Kind.Float),
            "r8" => ($"(double){a.Text}", Kind.Double),
            "r.un" => ($"(double)({plain}){a.Text}", Kind.Double),
            _ => throw Fault("the conversion has no counterpart."),
        };
        Push(expression, kind);
    }

    private void PushTruth(string condition)
    {
        if (condition is "0" or "1")
        {
            _stack.Add(Value.Of(condition[0] - '0', Kind.Int));
        }
        else
        {
            Push(condition, Kind.Int);
        }
    }

    private string Truth(string name)
    {
        var value = Pop();
        if (value.Constant is { } known)
        {
            return (known != 0) == (name == "brtrue") ? "1" : "0";
        }

        return name == "brtrue" ? $"{value.Text} != 0" : $"{value.Text} == 0";
    }

    // Unordered comparisons of floats are the negation of the opposite: true where either is not a number.
    private string Comparison(string name)
    {
        var (b, a) = (Pop(), Pop());
        var isUnsigned = name.EndsWith(".un", StringComparison.Ordinal);
        var relation = name[..2];
        if (a.Constant is { } x && b.Constant is { } y && (!isUnsigned || (x >= 0 && y >= 0)))
        {
            return Holds(relation, x, y) ? "1" : "0";
        }

        var sign = SignOf(relation);
        if (a.Kind is Kind.Float or Kind.Double)
        {
            return isUnsigned && relation != "ne"
                ? $"!({a.Text} {SignOf(Opposite(relation))} {b.Text})"
                : $"{a.Text} {sign} {b.Text}";
        }

        if (a.Kind == Kind.Pointer || b.Kind == Kind.Pointer)
        {
            return $"(u64){a.Text} {sign} (u64){b.Text}";
        }

        var plain = a.Kind == Kind.Long || b.Kind == Kind.Long ? "u64" : "u32";
        return isUnsigned ? $"({plain}){a.Text} {sign} ({plain}){b.Text}" : $"{a.Text} {sign} {b.Text}";
    }

    private static bool Holds(string relation, long x, long y) => relation switch
    {
        "eq" => x == y,
        "gt" => x > y,
        "ge" => x >= y,
        "lt" => x < y,
        "le" => x <= y,
        _ => x != y,
    };

    private static string SignOf(string relation) => relation switch
    {
        "eq" => "==",
        "gt" => ">",
        "ge" => ">=",
        "lt" => "<",
        "le" => "<=",
        _ => "!=",
    };

    private static string Opposite(string relation) => relation switch
    {
        "gt" => "le",
        "ge" => "lt",
        "lt" => "ge",
        _ => "gt",
    };
}
