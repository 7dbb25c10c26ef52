using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace PhysIntuition.Gpu.Translation;

/// <summary>The C names of C# types, and the structures that a text needs, in order of use.</summary>
internal sealed class TypeTable
{
    /// <summary>Stands for <c>Span</c> and <c>ReadOnlySpan</c> of anything: a pointer and a length.</summary>
    public const string Span = "Span";

    private static readonly Dictionary<Type, string> s_numbers = new()
    {
        [typeof(bool)] = "u8",
        [typeof(byte)] = "u8",
        [typeof(sbyte)] = "i8",
        [typeof(char)] = "u16",
        [typeof(ushort)] = "u16",
        [typeof(short)] = "i16",
        [typeof(uint)] = "u32",
        [typeof(int)] = "i32",
        [typeof(ulong)] = "u64",
        [typeof(long)] = "i64",
        [typeof(nuint)] = "u64",
        [typeof(nint)] = "i64",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
    };

    private readonly StringBuilder _structures = new();
    private readonly Dictionary<Type, string> _names = [];

    /// <summary>Declarations of all structures that were asked for.</summary>
    public string Declarations => _structures.ToString();

    /// <summary>Whether this is a span of anything.</summary>
    public static bool IsSpan(Type type) => type.IsGenericType
        && (type.GetGenericTypeDefinition() == typeof(Span<>)
            || type.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>));

    /// <summary>Bytes of a value in memory.</summary>
    public static int SizeOf(Type type) => type.IsPointer || type.IsByRef
        ? sizeof(long)
        : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>How the stack sees a value of this type.</summary>
    public static Kind KindOf(Type type)
    {
        if (type.IsPointer || type.IsByRef)
        {
            return Kind.Pointer;
        }

        type = type.IsEnum ? Enum.GetUnderlyingType(type) : type;
        return !s_numbers.TryGetValue(type, out var name) ? Kind.Structure : name switch
        {
            "float" => Kind.Float,
            "double" => Kind.Double,
            "i64" or "u64" => Kind.Long,
            _ => Kind.Int,
        };
    }

    /// <summary>The type of a variable that holds a stack value.</summary>
    public string NameOf(Kind kind, Type? type) => kind switch
    {
        Kind.Int => "i32",
        Kind.Long => "i64",
        Kind.Float => "float",
        Kind.Double => "double",
        Kind.Pointer => "u8*",
        _ => InMemory(type!),
    };

    /// <summary>The type of a local or an argument: 32 and 64-bit integers are signed, as on the stack.</summary>
    public string OfVariable(Type type) => InMemory(type) switch
    {
        "u32" => "i32",
        "u64" => "i64",
        var name => name,
    };

    /// <summary>The type of a field or of what a pointer points to.</summary>
    /// <exception cref="KernelTranslationException">The type holds references.</exception>
    public string InMemory(Type type)
    {
        if (type == typeof(void))
        {
            return "void";
        }

        if (type.IsPointer || type.IsByRef)
        {
            return "u8*";
        }

        type = type.IsEnum ? Enum.GetUnderlyingType(type) : type;
        return s_numbers.TryGetValue(type, out var number) ? number : Structure(type);
    }

    /// <summary>A name for C from the name of a type: letters, digits and underscores.</summary>
    public static string Plain(Type type)
    {
        var name = type.Name.Split('`')[0];
        var plain = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]).Trim('_');
        return type.IsGenericType
            ? string.Join('_', type.GetGenericArguments().Select(Plain).Prepend(plain))
            : plain;
    }

    private string Structure(Type type)
    {
        if (_names.TryGetValue(type, out var known))
        {
            return known;
        }

        if (IsSpan(type))
        {
            DeclareSpan(type);
            return Span;
        }

        if (!type.IsValueType || type.IsPrimitive)
        {
            throw new KernelTranslationException(
                $"{type} has no counterpart on a device: only numbers, pointers and structures of them have.");
        }

        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        var lines = fields.Select(field => $"  {Field(type, field)};\n").ToArray();   // declares what it needs first
        var name = Unused(Plain(type));
        _names[type] = name;
        _structures.Append(CultureInfo.InvariantCulture, $"typedef struct {name}\n{{\n");
        _structures.Append(string.Concat(lines)).Append(CultureInfo.InvariantCulture, $"}} {name};\n");
        _structures.Append(CultureInfo.InvariantCulture, $"SAME_SIZE({name}, {SizeOf(type)});\n");
        _structures.Append(CultureInfo.InvariantCulture, $"FUNCTION {name} zero_{name}(void)\n{{\n  {name} z;\n");
        _structures.Append(string.Concat(fields.Select(field => $"  {Zero(type, field)}\n")));
        _structures.Append("  return z;\n}\n\n");
        return name;
    }

    private void DeclareSpan(Type type)
    {
        if (_names.Values.Contains(Span))
        {
            _names[type] = Span;
            return;
        }

        _names[type] = Span;
        _structures.Append(
            """
            typedef struct Span
            {
              u8* start;
              i32 length;
            } Span;
            FUNCTION Span span_of(u8* start, i32 length)
            {
              Span s;
              s.start = start;
              s.length = length;
              return s;
            }


            """.ReplaceLineEndings("\n"));
    }

    private string Unused(string name)
    {
        var unused = name;
        for (var i = 2; _names.ContainsValue(unused); i++)
        {
            unused = $"{name}_{i}";
        }

        return unused;
    }

    private string Field(Type owner, FieldInfo field) => IsFixedBuffer(field)
        ? $"{InMemory(field.FieldType)} {NameOf(field)}[{SizeOf(owner) / SizeOf(field.FieldType)}]"
        : $"{InMemory(field.FieldType)} {NameOf(field)}";

    private string Zero(Type owner, FieldInfo field)
    {
        var value = KindOf(field.FieldType) == Kind.Structure ? $"zero_{InMemory(field.FieldType)}()" : "0";
        var name = NameOf(field);
        return IsFixedBuffer(field)
            ? $"for (i32 i = 0; i < {SizeOf(owner) / SizeOf(field.FieldType)}; i++) z.{name}[i] = {value};"
            : $"z.{name} = {value};";
    }

    /// <summary>The C name of a field, also of one that the compiler made.</summary>
    public static string NameOf(FieldInfo field)
    {
        var name = field.Name;
        if (name.StartsWith('<'))
        {
            name = name[1..name.IndexOf('>', StringComparison.Ordinal)];
        }

        name = name.Trim('_');
        return char.ToUpperInvariant(name[0]) + name[1..];   // a capital is no keyword
    }

    /// <summary>Whether the field is the first of a fixed buffer, whose structure is as large as all of it.</summary>
    public static bool IsFixedBuffer(FieldInfo field) =>
        field.Name == "FixedElementField" && field.DeclaringType!.IsDefined(typeof(UnsafeValueTypeAttribute), false);
}
