using System.Runtime.InteropServices;

namespace TorchSharp;

internal static unsafe partial class Shim
{
    [DllImport(Library)]
    internal static extern nint shim_neg(nint a);

    [DllImport(Library)]
    internal static extern nint shim_abs(nint a);

    [DllImport(Library)]
    internal static extern nint shim_exp(nint a);

    [DllImport(Library)]
    internal static extern nint shim_log(nint a);

    [DllImport(Library)]
    internal static extern nint shim_sqrt(nint a);

    [DllImport(Library)]
    internal static extern nint shim_rsqrt(nint a);

    [DllImport(Library)]
    internal static extern nint shim_square(nint a);

    [DllImport(Library)]
    internal static extern nint shim_sin(nint a);

    [DllImport(Library)]
    internal static extern nint shim_cos(nint a);

    [DllImport(Library)]
    internal static extern nint shim_tanh(nint a);

    [DllImport(Library)]
    internal static extern nint shim_sigmoid(nint a);

    [DllImport(Library)]
    internal static extern nint shim_relu(nint a);

    [DllImport(Library)]
    internal static extern nint shim_silu(nint a);

    [DllImport(Library)]
    internal static extern nint shim_floor(nint a);

    [DllImport(Library)]
    internal static extern nint shim_round(nint a);

    [DllImport(Library)]
    internal static extern nint shim_sign(nint a);

    [DllImport(Library)]
    internal static extern nint shim_isfinite(nint a);

    [DllImport(Library)]
    internal static extern nint shim_isnan(nint a);

    [DllImport(Library)]
    internal static extern nint shim_logical_not(nint a);

    [DllImport(Library)]
    internal static extern nint shim_clone(nint a);

    [DllImport(Library)]
    internal static extern nint shim_all(nint a);

    [DllImport(Library)]
    internal static extern nint shim_any(nint a);

    [DllImport(Library)]
    internal static extern nint shim_max(nint a);

    [DllImport(Library)]
    internal static extern nint shim_min(nint a);

    [DllImport(Library)]
    internal static extern nint shim_contiguous(nint a);

    [DllImport(Library)]
    internal static extern nint shim_detach(nint a);

    [DllImport(Library)]
    internal static extern nint shim_gelu(nint a, int tanh);

    [DllImport(Library)]
    internal static extern nint shim_mul(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_div(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_matmul(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_bmm(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_maximum(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_minimum(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_pow(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_eq(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_ne(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_lt(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_le(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_gt(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_ge(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_logical_and(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_logical_or(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_bitwise_and(nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_add(nint a, nint b, Number alpha);

    [DllImport(Library)]
    internal static extern nint shim_sub(nint a, nint b, Number alpha);

    [DllImport(Library)]
    internal static extern nint shim_add_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_sub_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_mul_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_div_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_pow_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_eq_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_ne_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_lt_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_le_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_gt_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_ge_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_bitwise_and_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_rsub_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern nint shim_bitwise_right_shift_number(nint a, Number b);

    [DllImport(Library)]
    internal static extern int shim_mul_(nint a, nint b);

    [DllImport(Library)]
    internal static extern int shim_div_(nint a, nint b);

    [DllImport(Library)]
    internal static extern int shim_add_(nint a, nint b, Number alpha);

    [DllImport(Library)]
    internal static extern int shim_sub_(nint a, nint b, Number alpha);

    [DllImport(Library)]
    internal static extern int shim_copy_(nint a, nint b, int nonBlocking);

    [DllImport(Library)]
    internal static extern int shim_add_number_(nint a, Number b);

    [DllImport(Library)]
    internal static extern int shim_sub_number_(nint a, Number b);

    [DllImport(Library)]
    internal static extern int shim_mul_number_(nint a, Number b);

    [DllImport(Library)]
    internal static extern int shim_div_number_(nint a, Number b);

    [DllImport(Library)]
    internal static extern int shim_fill_number_(nint a, Number b);

    [DllImport(Library)]
    internal static extern int shim_zero_(nint a);

    [DllImport(Library)]
    internal static extern int shim_sqrt_(nint a);

    [DllImport(Library)]
    internal static extern int shim_normal_(nint a, double mean, double std, nint generator);

    [DllImport(Library)]
    internal static extern int shim_uniform_(nint a, double from, double to, nint generator);

    [DllImport(Library)]
    internal static extern int shim_addcmul_(nint a, nint b, nint c, Number value);

    [DllImport(Library)]
    internal static extern int shim_addcdiv_(nint a, nint b, nint c, Number value);

    [DllImport(Library)]
    internal static extern int shim_lerp_(nint a, nint end, Number weight);

    [DllImport(Library)]
    internal static extern int shim_masked_fill_(nint a, nint mask, Number value);

    [DllImport(Library)]
    internal static extern nint shim_addcmul(nint a, nint b, nint c, Number value);

    [DllImport(Library)]
    internal static extern nint shim_clamp(nint a, int hasMin, Number min, int hasMax, Number max);

    [DllImport(Library)]
    internal static extern nint shim_where(nint condition, nint a, nint b);

    [DllImport(Library)]
    internal static extern nint shim_masked_fill(nint a, nint mask, Number value);

    [DllImport(Library)]
    internal static extern nint shim_baddbmm(nint a, nint b, nint c, double beta, double alpha);

    [DllImport(Library)]
    internal static extern nint shim_addmm(nint a, nint b, nint c, double beta, double alpha);
}
