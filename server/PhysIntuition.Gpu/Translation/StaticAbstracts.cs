using System.Reflection;

namespace PhysIntuition.Gpu.Translation;

/// <summary>Finds what stands behind a static abstract member of an interface.</summary>
internal static class StaticAbstracts
{
    /// <summary>The method of a type that implements one of an interface; null where there is none.</summary>
    public static MethodInfo? Find(Type type, MethodInfo declared)
    {
        const BindingFlags all =
            BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var wanted = declared.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        return type.GetMethods(all).FirstOrDefault(method =>
            (method.Name == declared.Name || method.Name.EndsWith("." + declared.Name, StringComparison.Ordinal))
            && method.ReturnType == declared.ReturnType
            && method.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual(wanted));
    }
}
