namespace Grpc.Core;

/// <summary>Names the generated method that binds a service; generated code carries it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
public class BindServiceMethodAttribute : Attribute
{
    /// <summary>Makes the attribute.</summary>
    public BindServiceMethodAttribute(Type bindType, string bindMethodName)
    {
        BindType = bindType;
        BindMethodName = bindMethodName;
    }

    /// <summary>The type that has the binding method.</summary>
    public Type BindType { get; }

    /// <summary>The name of the static binding method.</summary>
    public string BindMethodName { get; }
}
