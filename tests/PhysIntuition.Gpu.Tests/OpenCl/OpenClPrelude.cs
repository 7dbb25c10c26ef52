namespace PhysIntuition.Gpu.Tests.OpenCl;

/// <summary>What the capitals of a translated text mean in OpenCL C, on a device with one flat memory.</summary>
/// <remarks>
/// Pointers pass from one address space to another through a number: good on a processor, where PoCL maps all of them
/// to the same memory, and nowhere promised. So PoCL is a second compiler for the text, not a back end.
/// </remarks>
internal static class OpenClPrelude
{
    public const string Options = "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt";

    public static readonly string Text = """
        #pragma OPENCL FP_CONTRACT OFF
        typedef char i8;
        typedef uchar u8;
        typedef short i16;
        typedef ushort u16;
        typedef int i32;
        typedef uint u32;
        typedef long i64;
        typedef ulong u64;
        #define FUNCTION static inline
        #define KERNEL __kernel void
        #define POINTER __global u8*
        #define PLAIN(p) ((u8*)(ulong)(p))
        #define PLACE_X (i32)get_global_id(0)
        #define PLACE_Y (i32)get_global_id(1)
        #define PLACE_Z (i32)get_global_id(2)
        #define DATA(name) __constant u64 name
        #define DATA_OF(name) ((u8*)(ulong)name)
        #define SAME_SIZE(type, bytes) typedef char type##_size[sizeof(type) == (bytes) ? 1 : -1]
        #define ABS(x) fabs(x)
        #define SQRT(x) sqrt(x)
        #define FLOOR(x) floor(x)
        #define COPY_SIGN(x, y) copysign(x, y)
        #define FMA(x, y, z) fma(x, y, z)
        #define FLOAT_OF_BITS(bits) as_float(bits)
        FUNCTION i32 trailing_zeros(u64 bits) { return bits == 0 ? 64 : (i32)popcount(~bits & (bits - 1)); }


        """.ReplaceLineEndings("\n");
}
