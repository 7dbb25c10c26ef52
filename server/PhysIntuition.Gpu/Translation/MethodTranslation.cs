using System.Globalization;
using System.Reflection;
using System.Text;

namespace PhysIntuition.Gpu.Translation;

/// <summary>One method from IL to one C function.</summary>
/// <remarks>
/// Basic blocks are translated from the entry along the branches that can be taken, each with the stack that its
/// predecessor leaves, and written in the order of the IL with labels and gotos. Names and constants stay on the
/// stack as they are; every other result goes into a variable of its own, so that the order of effects is the IL's.
/// </remarks>
internal sealed partial class MethodTranslation
{
    private readonly KernelTranslator _owner;
    private readonly MethodBase _method;
    private readonly List<Instruction> _code;
    private readonly Dictionary<int, int> _indexOf = [];        // of an instruction by its offset
    private readonly IList<LocalVariableInfo> _locals;
    private readonly ParameterInfo[] _parameters;
    private readonly bool _initialises;
    private readonly Type[] _typeArguments, _methodArguments;
    private readonly HashSet<int> _leaders = [], _referenced = [];
    private readonly SortedSet<int> _used = [];                 // locals of reached code
    private readonly HashSet<string> _shared = [];              // variables whose address is taken
    private readonly Dictionary<int, Value[]> _entries = [];    // the stack at the start of each block reached
    private readonly Stack<int> _pending = [];
    private readonly SortedDictionary<int, string> _blocks = [];
    private readonly StringBuilder _declarations = new();
    private readonly Dictionary<string, Value> _known = [];     // variables that hold a known number in this block
    private StringBuilder _text = new();
    private List<Value> _stack = [];
    private Instruction _now;
    private Type? _constrained;
    private int _variables;

    public MethodTranslation(KernelTranslator owner, MethodBase method)
    {
        _owner = owner;
        _method = method;
        var body = method.GetMethodBody()
            ?? throw new KernelTranslationException($"{NameOf(method)} has no IL and no counterpart on a device.");
        _code = Instruction.Decode(body.GetILAsByteArray()!);
        _locals = body.LocalVariables;
        _initialises = body.InitLocals;
        _parameters = method.GetParameters();
        _typeArguments = method.DeclaringType!.GetGenericArguments();
        _methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        if (body.ExceptionHandlingClauses.Count > 0)
        {
            throw new KernelTranslationException(
                $"{NameOf(method)} catches or cleans up after exceptions; a device has none.");
        }

        Survey();
    }

    /// <summary>The function's body between its braces.</summary>
    public string Translate()
    {
        _entries[0] = [];
        _pending.Push(0);
        while (_pending.TryPop(out var offset))
        {
            if (!_blocks.ContainsKey(offset))
            {
                TranslateBlock(offset);
            }
        }

        return DeclareLocals() + _declarations + JoinBlocks();
    }

    /// <summary>The result where the method does nothing but return a known number.</summary>
    public Value? ConstantResult() =>
        _code is [{ Name: var name } load, { Name: "ret" }] && ConstantOf(name, load) is { } constant ? constant : null;

    /// <summary>Type and name, for messages.</summary>
    public static string NameOf(MethodBase method) => $"{method.DeclaringType}.{method.Name}";

    private KernelTranslationException Fault(string reason) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{NameOf(_method)}, IL_{_now.Offset:x4} '{_now.Name}' cannot be translated: {reason}"));

    // Where blocks begin, and which variables have an address.
    private void Survey()
    {
        for (var i = 0; i < _code.Count; i++)
        {
            var instruction = _code[i];
            _indexOf[instruction.Offset] = i;
            if (instruction.IsBranch)
            {
                _leaders.Add((int)instruction.Operand);
            }

            foreach (var target in instruction.Targets ?? [])
            {
                _leaders.Add(target);
            }

            if (instruction.Name is "ldloca" or "ldloca.s")
            {
                _shared.Add(Local((int)instruction.Operand));
            }
            else if (instruction.Name is "ldarga" or "ldarga.s")
            {
                _shared.Add(Argument((int)instruction.Operand));
            }
        }
    }

    // Only those that reached code uses: what other widths keep in theirs has no counterpart.
    private string DeclareLocals()
    {
        var text = new StringBuilder();
        foreach (var i in _used)
        {
            var type = _locals[i].LocalType;
            var zero = TypeTable.KindOf(type) == Kind.Structure ? $"zero_{_owner.Types.InMemory(type)}()" : "0";
            var start = _initialises && !TypeTable.IsSpan(type) ? $" = {zero}" : "";
            text.Append(CultureInfo.InvariantCulture, $"  {_owner.Types.OfVariable(type)} {Local(i)}{start};\n");
        }

        return text.ToString();
    }

    private void TranslateBlock(int offset)
    {
        _text = new();
        _known.Clear();
        _stack = [.. _entries[offset]];
        for (var i = _indexOf[offset]; ; i++)
        {
            _now = _code[i];
            if (i != _indexOf[offset] && _leaders.Contains(_now.Offset))
            {
                GoTo(_now.Offset, "");
                break;
            }

            if (Execute())
            {
                break;
            }
        }

        _blocks[offset] = _text.ToString();
    }

    private string JoinBlocks()
    {
        var text = new StringBuilder();
        var blocks = _blocks.ToArray();
        for (var i = 0; i < blocks.Length; i++)
        {
            var (offset, block) = blocks[i];
            if (_referenced.Contains(offset))
            {
                text.Append(CultureInfo.InvariantCulture, $" L{offset}:;\n");
            }

            var next = i + 1 < blocks.Length ? $"  goto L{blocks[i + 1].Key};\n" : "\n\n";
            text.Append(block.EndsWith(next, StringComparison.Ordinal) ? block[..^next.Length] : block);
        }

        return text.ToString();
    }

    // Leaves for another block; values that stay on the stack go through variables of that block.
    private void GoTo(int target, string condition)
    {
        CarryTo(target);
        _text.Append(CultureInfo.InvariantCulture, $"  {condition}goto L{target};\n");
    }

    private void CarryTo(int target)
    {
        _referenced.Add(target);
        var isKnown = _entries.TryGetValue(target, out var known);
        var carried = isKnown ? known! : [.. _stack.Select((value, i) => value with
        {
            Text = $"s{target}_{i}",
            Constant = null,
        })];
        if (carried.Length != _stack.Count || carried.Zip(_stack).Any(pair => !Agree(pair.First, pair.Second)))
        {
            throw Fault("two branches meet with different types on the stack.");
        }

        for (var i = 0; i < carried.Length; i++)
        {
            if (!isKnown)
            {
                Declare(carried[i].Text, carried[i]);
            }

            _text.Append(CultureInfo.InvariantCulture, $"  {carried[i].Text} = {As(carried[i].Kind, _stack[i])};\n");
        }

        if (!isKnown)
        {
            _entries[target] = carried;
            _pending.Push(target);
        }
    }

    // Pointers and native integers are one type in IL and two in C.
    private static bool Agree(Value a, Value b) => a.Type == b.Type
        && (a.Kind == b.Kind || (a.Kind is Kind.Pointer or Kind.Long && b.Kind is Kind.Pointer or Kind.Long));

    private static string As(Kind kind, Value value) => (kind, value.Kind) switch
    {
        (Kind.Pointer, Kind.Long or Kind.Int) => $"(u8*){value.Text}",
        (Kind.Long, Kind.Pointer) => $"(i64){value.Text}",
        _ => value.Text,
    };

    private void Declare(string name, Value value) => _declarations.Append(
        CultureInfo.InvariantCulture, $"  {_owner.Types.NameOf(value.Kind, value.Type)} {name};\n");

    private Value Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    // Evaluates now, into a variable of its own.
    private void Push(string expression, Kind kind, Type? type = null)
    {
        var value = new Value($"v{_variables++}", kind, kind == Kind.Structure ? type : null);
        Declare(value.Text, value);
        _text.Append(CultureInfo.InvariantCulture, $"  {value.Text} = {expression};\n");
        _stack.Add(value);
    }

    // A variable may stand on the stack by its name until it is written.
    private void Assign(string variable, Type type)
    {
        var value = Pop();
        for (var i = 0; i < _stack.Count; i++)
        {
            if (_stack[i].Text == variable)
            {
                var held = _stack[i];
                var copy = held with { Text = $"v{_variables++}" };
                Declare(copy.Text, copy);
                _text.Append(CultureInfo.InvariantCulture, $"  {copy.Text} = {variable};\n");
                _stack[i] = copy;
            }
        }

        _text.Append(CultureInfo.InvariantCulture, $"  {variable} = {As(TypeTable.KindOf(type), value)};\n");
        _known.Remove(variable);
        if (value.Constant is not null && value.Kind == TypeTable.KindOf(type) && !_shared.Contains(variable))
        {
            _known[variable] = value;
        }
    }

    private void Load(string variable, Type type)
    {
        var kind = TypeTable.KindOf(type);
        if (_known.TryGetValue(variable, out var known))
        {
            _stack.Add(known);
        }
        else if (_shared.Contains(variable))
        {
            Push(variable, kind, type);
        }
        else
        {
            _stack.Add(new(variable, kind, kind == Kind.Structure ? type : null));
        }
    }

    private static string Local(int index) => $"l{index}";

    private string Used(int index)
    {
        _used.Add(index);
        return Local(index);
    }

    private string Argument(int index) =>
        _method.IsStatic ? $"a_{_parameters[index].Name}" : index == 0 ? "self" : $"a_{_parameters[index - 1].Name}";

    private Type ArgumentType(int index) => _method.IsStatic
        ? _parameters[index].ParameterType
        : index == 0 ? _method.DeclaringType!.MakeByRefType() : _parameters[index - 1].ParameterType;
}
