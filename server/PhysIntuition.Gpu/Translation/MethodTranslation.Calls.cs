using System.Globalization;
using System.Reflection;

namespace PhysIntuition.Gpu.Translation;

/// <content>Calls: of methods that are translated too, and of the few that every device has.</content>
internal sealed partial class MethodTranslation
{
    private void Call(MethodBase method, bool isNew)
    {
        if (_constrained is not null && method.DeclaringType!.IsInterface)
        {
            method = StaticAbstracts.Find(_constrained, (MethodInfo)method)
                ?? throw Fault($"{_constrained} does not implement {method.Name}.");
        }

        var parameters = method.GetParameters();
        var arguments = new Value[parameters.Length];
        for (var i = arguments.Length - 1; i >= 0; i--)
        {
            arguments[i] = Pop();
        }

        if (isNew)
        {
            Construct(method, arguments);
            return;
        }

        Value? self = method.IsStatic ? null : Pop();
        if (Intrinsics.Find(method) is { } intrinsic)
        {
            var isPlaced = method.IsConstructor;   // in memory that the caller has: the value is made, then stored
            Intrinsic(intrinsic, method, self is { } s && !isPlaced ? [s, .. arguments] : arguments);
            if (isPlaced)
            {
                var type = method.DeclaringType!;
                Store($"*({_owner.Types.InMemory(type)}*){self!.Value.Text}", type, Pop());
            }

            return;
        }

        RequireCallable(method);
        Invoke(method, self, arguments);
    }

    // A structure is made in a variable of its own.
    private void Construct(MethodBase constructor, Value[] arguments)
    {
        var type = constructor.DeclaringType!;
        if (Intrinsics.Find(constructor) is { } intrinsic)
        {
            Intrinsic(intrinsic, constructor, arguments);
            return;
        }

        RequireCallable(constructor);
        var made = new Value($"v{_variables++}", Kind.Structure, type);
        Declare(made.Text, made);
        Invoke(constructor, new($"((u8*)&{made.Text})", Kind.Pointer), arguments);
        _stack.Add(made);
    }

    private void Invoke(MethodBase method, Value? self, Value[] arguments)
    {
        if (_owner.ConstantOf(method) is { } constant)
        {
            _stack.Add(constant);
            return;
        }

        var name = _owner.Function(method);
        var list = method.GetParameters().Select(
            parameter => As(TypeTable.KindOf(parameter.ParameterType), arguments[parameter.Position]));
        var call = $"{name}({string.Join(", ", self is { } s ? list.Prepend(s.Text) : list)})";
        if (method is MethodInfo { ReturnType: var type } && type != typeof(void))
        {
            Push(call, TypeTable.KindOf(type), type);
        }
        else
        {
            _text.Append(CultureInfo.InvariantCulture, $"  {call};\n");
        }
    }

    private void Intrinsic(Intrinsics.Entry intrinsic, MethodBase method, Value[] arguments)
    {
        foreach (var declaration in intrinsic.Declarations(method, _owner.Types))
        {
            _owner.AddHelper(declaration);
        }

        var (expression, kind, type) = intrinsic.Expression(method, arguments, _owner.Types);
        Push(expression, kind, type);
    }

    private void RequireCallable(MethodBase method)
    {
        if (method.DeclaringType!.Assembly == typeof(object).Assembly)
        {
            throw Fault($"{NameOf(method)} of the class library has no counterpart on a device.");
        }

        if (!method.IsStatic && !method.DeclaringType.IsValueType)
        {
            throw Fault($"{NameOf(method)} is a method of a class, and devices have no objects.");
        }
    }
}
