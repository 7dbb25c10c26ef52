using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace PhysIntuition.Gpu.Translation;

/// <content>Fields, memory behind pointers, and constant data of the program.</content>
internal sealed partial class MethodTranslation
{
    private void ExecuteMemory(string name, int operand)
    {
        switch (name)
        {
            case "ldfld":
                LoadField(ResolveField(operand));
                break;
            case "ldflda":
                Push($"(u8*)&{Place(ResolveField(operand), Pop())}", Kind.Pointer);
                break;
            case "stfld":
                StoreField(ResolveField(operand));
                break;
            case "ldsfld":
                LoadStatic(ResolveField(operand));
                break;
            case "ldsflda":
                _stack.Add(Data(ResolveField(operand)));
                break;
            case "ldtoken":
                LoadToken(operand);
                break;
            case "ldobj":
                LoadFrom(ResolveType(operand));
                break;
            case "stobj":
                StoreTo(ResolveType(operand));
                break;
            case "cpobj":
                LoadFrom(ResolveType(operand));
                StoreTo(ResolveType(operand));
                break;
            case "initobj":
                Clear(ResolveType(operand));
                break;
            case "sizeof":
                _stack.Add(Value.Of(TypeTable.SizeOf(ResolveType(operand)), Kind.Int));
                break;
            case "localloc":
                Reserve();
                break;
            default:
                ExecuteIndirect(name);
                break;
        }
    }

    private void ExecuteIndirect(string name)
    {
        var type = name.Split('.')[^1] switch
        {
            "i1" => name[0] == 'l' ? typeof(sbyte) : typeof(byte),
            "u1" => typeof(byte),
            "i2" => name[0] == 'l' ? typeof(short) : typeof(ushort),
            "u2" => typeof(ushort),
            "i4" => typeof(int),
            "u4" => typeof(uint),
            "i8" => typeof(long),
            "r4" => typeof(float),
            "r8" => typeof(double),
            "i" => typeof(void*),
            _ => null,
        };
        if (type is null || name.Split('.')[0] is not ("ldind" or "stind"))
        {
            throw Fault("devices have numbers, pointers and structures; no objects, arrays or exceptions.");
        }

        if (name[0] == 'l')
        {
            LoadFrom(type);
        }
        else
        {
            StoreTo(type);
        }
    }

    // A field of what a pointer points to, or of a structure by value.
    private string Place(FieldInfo field, Value from)
    {
        var name = TypeTable.NameOf(field) + (TypeTable.IsFixedBuffer(field) ? "[0]" : "");
        return from.Kind == Kind.Pointer
            ? $"(({_owner.Types.InMemory(field.DeclaringType!)}*){from.Text})->{name}"
            : $"{from.Text}.{name}";
    }

    private void LoadField(FieldInfo field) => PushLoaded(Place(field, Pop()), field.FieldType);

    private void StoreField(FieldInfo field)
    {
        var (value, target) = (Pop(), Pop());
        Store(Place(field, target), field.FieldType, value);
    }

    private void LoadFrom(Type type)
    {
        var from = Pop();
        PushLoaded($"*({_owner.Types.InMemory(type)}*){from.Text}", type);
    }

    private void StoreTo(Type type)
    {
        var (value, target) = (Pop(), Pop());
        Store($"*({_owner.Types.InMemory(type)}*){target.Text}", type, value);
    }

    private void PushLoaded(string place, Type type)
    {
        var kind = TypeTable.KindOf(type);
        var cast = kind is Kind.Int or Kind.Long ? $"({_owner.Types.NameOf(kind, type)})" : "";
        Push(cast + place, kind, type);
    }

    private void Store(string place, Type type, Value value)
    {
        var cast = TypeTable.KindOf(type) is Kind.Int or Kind.Long or Kind.Pointer
            ? $"({_owner.Types.InMemory(type)})" : "";
        _text.Append(CultureInfo.InvariantCulture, $"  {place} = {cast}{value.Text};\n");
    }

    private void Clear(Type type)
    {
        var name = _owner.Types.InMemory(type);
        var zero = TypeTable.KindOf(type) == Kind.Structure ? $"zero_{name}()" : "0";
        _text.Append(CultureInfo.InvariantCulture, $"  *({name}*){Pop().Text} = {zero};\n");
    }

    // Memory of the call, as a variable: its size must be known. In units of 8 bytes, so that it is aligned.
    private void Reserve()
    {
        var bytes = Pop().Constant ?? throw Fault("the size of memory on the stack must be a constant.");
        var (name, words) = ($"m{_variables++}", (bytes + 7) / 8);
        _declarations.Append(CultureInfo.InvariantCulture, $"  u64 {name}[{words}];\n");
        if (_initialises)
        {
            _text.Append(CultureInfo.InvariantCulture, $"  for (i32 i = 0; i < {words}; i++) {name}[i] = 0;\n");
        }

        _stack.Add(new($"((u8*){name})", Kind.Pointer));
    }

    // A field that is set once keeps its value for as long as the program runs.
    private void LoadStatic(FieldInfo field)
    {
        if (!field.IsInitOnly)
        {
            throw Fault($"the static field {field.Name} may change.");
        }

        _stack.Add(field.GetValue(null) switch
        {
            float number => Literal(number),
            double number => Literal(number),
            bool flag => Value.Of(flag ? 1 : 0, Kind.Int),
            int or short or sbyte or byte or ushort or char => Value.Of(
                System.Convert.ToInt64(field.GetValue(null), CultureInfo.InvariantCulture), Kind.Int),
            uint number => Value.Of((int)number, Kind.Int),
            long number => Value.Of(number, Kind.Long),
            ulong number => Value.Of((long)number, Kind.Long),
            _ => throw Fault($"the static field {field.Name} is no number."),
        });
    }

    private void LoadToken(int token)
    {
        if (_method.Module.ResolveMember(token, _typeArguments, _methodArguments) is not FieldInfo field)
        {
            throw Fault("types are no values on a device.");
        }

        _stack.Add(Data(field));
    }

    // Constant data in the program's file: the elements of ReadOnlySpan<T> x => [...].
    private Value Data(FieldInfo field)
    {
        if (!field.Attributes.HasFlag(FieldAttributes.HasFieldRVA))
        {
            throw Fault($"the static field {field.Name} has no constant data.");
        }

        var bytes = new byte[TypeTable.SizeOf(field.FieldType)];
        RuntimeHelpers.InitializeArray(bytes, field.FieldHandle);
        return new(_owner.AddData(bytes), Kind.Pointer, null, bytes.Length);
    }
}
