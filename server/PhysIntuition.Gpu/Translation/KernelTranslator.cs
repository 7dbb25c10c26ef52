using System.Globalization;
using System.Reflection;
using System.Text;

namespace PhysIntuition.Gpu.Translation;

/// <summary>Translates static methods of plain memory from their IL to a text that CUDA C, C++ and C take.</summary>
/// <remarks>
/// <para>Taken: static methods and methods of structures; generic ones over any structures, static abstract members
/// included; numbers, pointers, references, structures by value, spans, fixed buffers, stackalloc of known size,
/// constant data; branches, loops and switches; the functions in <see cref="Intrinsics"/>.</para>
/// <para>Not taken, and named with method and instruction: objects, arrays, strings, exceptions, checked arithmetic,
/// recursion, virtual calls, static fields that change.</para>
/// <para>A text's prelude says what its capitals mean; <see cref="CudaPrelude"/> is CUDA's.</para>
/// </remarks>
internal sealed class KernelTranslator
{
    private readonly Dictionary<MethodBase, string> _functions = [];
    private readonly Dictionary<MethodBase, Value?> _constants = [];
    private readonly HashSet<MethodBase> _open = [];
    private readonly HashSet<string> _names = [];
    private readonly List<string> _helpers = [];
    private readonly List<string> _data = [];
    private readonly StringBuilder _bodies = new();

    /// <summary>Structures that the text declares.</summary>
    public TypeTable Types { get; } = new();

    /// <summary>The text of these kernels without a prelude, the same at every call.</summary>
    /// <param name="kernels">
    /// Static methods without result; their first three arguments are the thread's place, the others the kernel's own:
    /// pointers and 32-bit numbers. The kernel has three more at its end: the counts of places.
    /// </param>
    /// <exception cref="KernelTranslationException">Names method and instruction without a counterpart.</exception>
    public static string Translate(params MethodInfo[] kernels)
    {
        var translator = new KernelTranslator();
        var entries = string.Concat(kernels.Select(translator.Entry));
        return translator.Types.Declarations + string.Concat(translator._helpers) + string.Concat(translator._data)
            + translator._bodies + entries;
    }

    /// <summary>The name of a method's function; the method is translated at the first call.</summary>
    public string Function(MethodBase method)
    {
        if (_functions.TryGetValue(method, out var known))
        {
            return known;
        }

        if (!_open.Add(method))
        {
            throw new KernelTranslationException(
                $"{MethodTranslation.NameOf(method)} calls itself; a device has no stack for it.");
        }

        var name = Unused(method);
        var head = $"FUNCTION {ResultOf(method)} {name}({ParametersOf(method)})";
        var body = new MethodTranslation(this, method).Translate();
        _bodies.Append(CultureInfo.InvariantCulture, $"{head}\n{{\n{body}}}\n\n");
        _open.Remove(method);
        return _functions[method] = name;
    }

    /// <summary>The number that a method always returns, if that is all it does.</summary>
    public Value? ConstantOf(MethodBase method)
    {
        if (!_constants.TryGetValue(method, out var constant))
        {
            _constants[method] = constant = new MethodTranslation(this, method).ConstantResult();
        }

        return constant;
    }

    /// <summary>Adds a function that the text needs, once.</summary>
    public void AddHelper(string declaration)
    {
        if (!_helpers.Contains(declaration))
        {
            _helpers.Add(declaration);
        }
    }

    /// <summary>Adds constant data and gives the address of its first byte.</summary>
    public string AddData(byte[] bytes)
    {
        var words = new ulong[(bytes.Length + 7) / 8];
        Buffer.BlockCopy(bytes, 0, words, 0, bytes.Length);
        var list = string.Join(", ", words.Select(word => $"0x{word:x16}u"));
        var text = $"[{words.Length}] = {{ {list} }};\n\n";
        var index = _data.FindIndex(line => line.EndsWith(text, StringComparison.Ordinal));
        if (index < 0)
        {
            index = _data.Count;
            _data.Add($"DATA(data_{index}){text}");
        }

        return $"DATA_OF(data_{index})";
    }

    private string Entry(MethodInfo kernel)
    {
        var own = kernel.GetParameters()[3..];
        var parameters = own.Select(parameter => TypeTable.KindOf(parameter.ParameterType) == Kind.Pointer
            ? $"POINTER {parameter.Name}"
            : $"{Types.InMemory(parameter.ParameterType)} {parameter.Name}");
        var arguments = own.Select(parameter => TypeTable.KindOf(parameter.ParameterType) == Kind.Pointer
            ? $", PLAIN({parameter.Name})"
            : $", {parameter.Name}");
        var name = Function(kernel);
        return $$"""
            KERNEL {{kernel.Name}}({{string.Join(", ", parameters)}}, i32 countX, i32 countY, i32 countZ)
            {
              i32 x = PLACE_X, y = PLACE_Y, z = PLACE_Z;
              if (x < countX && y < countY && z < countZ)
                {{name}}(x, y, z{{string.Concat(arguments)}});
            }


            """.ReplaceLineEndings("\n");
    }

    private string ResultOf(MethodBase method) =>
        method is MethodInfo { ReturnType: var type } ? Types.OfVariable(type) : "void";

    private string ParametersOf(MethodBase method)
    {
        var list = method.GetParameters().Select(p => $"{Types.OfVariable(p.ParameterType)} a_{p.Name}");
        var all = method.IsStatic ? list : list.Prepend("u8* self");
        return all.Any() ? string.Join(", ", all) : "void";
    }

    private string Unused(MethodBase method)
    {
        var member = method.IsConstructor ? "make" : method.Name;
        var plain = new string([.. member.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_')]);
        var name = $"{TypeTable.Plain(method.DeclaringType!)}_{plain}";
        var unused = name;
        for (var i = 2; !_names.Add(unused); i++)
        {
            unused = $"{name}_{i}";
        }

        return unused;
    }
}
