using System.Text;

namespace PhysIntuition.Gpu.Cuda;

/// <summary>Text as C takes it.</summary>
internal static class NullTerminated
{
    /// <summary>UTF-8 with a zero at the end.</summary>
    public static byte[] Of(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
