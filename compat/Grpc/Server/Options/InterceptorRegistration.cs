using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>One interceptor of a server: its type and the arguments of its constructor.</summary>
public class InterceptorRegistration
{
    private readonly object[] _arguments;
    private ObjectFactory? _factory;

    internal InterceptorRegistration(Type type, object[] arguments)
    {
        Type = type;
        _arguments = arguments;
    }

    /// <summary>The interceptor's type.</summary>
    public Type Type { get; }

    /// <summary>The arguments given for its constructor.</summary>
    public IReadOnlyList<object> Arguments => _arguments;

    /// <summary>The registered interceptor, or a new one that the caller disposes.</summary>
    internal Interceptor Activate(IServiceProvider services, out bool isOwned)
    {
        if (_arguments.Length == 0 && services.GetService(Type) is Interceptor registered)
        {
            isOwned = false;
            return registered;
        }

        isOwned = true;
        _factory ??= ActivatorUtilities.CreateFactory(Type, Array.ConvertAll(_arguments, given => given.GetType()));
        return (Interceptor)_factory(services, _arguments);
    }
}
