namespace PhysIntuition.Gpu.Translation;

/// <summary>What the capitals of a translated text mean in CUDA C.</summary>
/// <remarks>
/// Everything is inlined, so that a pixel's state lives in registers. Addition and multiplication are plain: they are
/// never fused because the text is compiled with --fmad=false, and CUDA's division and root round correctly with
/// --prec-div=true and --prec-sqrt=true.
/// </remarks>
internal static class CudaPrelude
{
    /// <summary>Threads of a block at most; a kernel may take 65,536 / this many registers.</summary>
    public const int MaxThreads = 256;

    /// <summary>The lines before a text.</summary>
    public static readonly string Text = $$"""
        typedef signed char i8;
        typedef unsigned char u8;
        typedef short i16;
        typedef unsigned short u16;
        typedef int i32;
        typedef unsigned int u32;
        typedef long long i64;
        typedef unsigned long long u64;
        #define FUNCTION static __device__ __forceinline__
        #define KERNEL extern "C" __global__ void __launch_bounds__({{MaxThreads}})
        #define POINTER u8*
        #define PLAIN(p) (p)
        #define PLACE_X (i32)(blockIdx.x * blockDim.x + threadIdx.x)
        #define PLACE_Y (i32)(blockIdx.y * blockDim.y + threadIdx.y)
        #define PLACE_Z (i32)(blockIdx.z * blockDim.z + threadIdx.z)
        #define DATA(name) static __device__ const u64 name
        #define DATA_OF(name) ((u8*)name)
        #define SAME_SIZE(type, bytes) static_assert(sizeof(type) == (bytes), "laid out as in C#")
        #define ABS(x) fabsf(x)
        #define SQRT(x) __fsqrt_rn(x)
        #define FLOOR(x) floorf(x)
        #define COPY_SIGN(x, y) copysignf(x, y)
        #define FMA(x, y, z) __fmaf_rn(x, y, z)
        #define FLOAT_OF_BITS(bits) __uint_as_float(bits)
        FUNCTION i32 trailing_zeros(u64 bits) { return bits == 0 ? 64 : __ffsll((i64)bits) - 1; }


        """.ReplaceLineEndings("\n");
}
