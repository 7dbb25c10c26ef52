namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);

        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);

        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);

        public static Tensor operator -(Scalar left, Tensor right) =>
            right.Made(Shim.shim_rsub_number(right.Handle, left.Value));

        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);

        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);

        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);

        public static Tensor operator -(Tensor tensor) => tensor.neg();

        public Tensor neg() => Made(Shim.shim_neg(Handle));

        public Tensor abs() => Made(Shim.shim_abs(Handle));

        public Tensor exp() => Made(Shim.shim_exp(Handle));

        public Tensor log() => Made(Shim.shim_log(Handle));

        public Tensor sqrt() => Made(Shim.shim_sqrt(Handle));

        public Tensor rsqrt() => Made(Shim.shim_rsqrt(Handle));

        public Tensor square() => Made(Shim.shim_square(Handle));

        public Tensor sin() => Made(Shim.shim_sin(Handle));

        public Tensor cos() => Made(Shim.shim_cos(Handle));

        public Tensor tanh() => Made(Shim.shim_tanh(Handle));

        public Tensor sigmoid() => Made(Shim.shim_sigmoid(Handle));

        public Tensor relu() => Made(Shim.shim_relu(Handle));

        public Tensor silu() => Made(Shim.shim_silu(Handle));

        public Tensor gelu() => Made(Shim.shim_gelu(Handle, tanh: 0));

        public Tensor floor() => Made(Shim.shim_floor(Handle));

        public Tensor round() => Made(Shim.shim_round(Handle));

        public Tensor sign() => Made(Shim.shim_sign(Handle));

        public Tensor isfinite() => Made(Shim.shim_isfinite(Handle));

        public Tensor isnan() => Made(Shim.shim_isnan(Handle));

        public Tensor logical_not() => Made(Shim.shim_logical_not(Handle));

        public Tensor add(Tensor target) => add(target, 1);

        public Tensor add(Tensor target, Scalar alpha) =>
            Made(Shim.shim_add(Handle, target.Handle, alpha.Value), target);

        public Tensor add(Scalar scalar) => Made(Shim.shim_add_number(Handle, scalar.Value));

        public Tensor sub(Tensor target) => Made(Shim.shim_sub(Handle, target.Handle, new Number(1L)), target);

        public Tensor sub(Scalar scalar) => Made(Shim.shim_sub_number(Handle, scalar.Value));

        public Tensor mul(Tensor target) => Made(Shim.shim_mul(Handle, target.Handle), target);

        public Tensor mul(Scalar scalar) => Made(Shim.shim_mul_number(Handle, scalar.Value));

        public Tensor div(Tensor target) => Made(Shim.shim_div(Handle, target.Handle), target);

        public Tensor div(Scalar target) => Made(Shim.shim_div_number(Handle, target.Value));

        public Tensor pow(Tensor exponent) => Made(Shim.shim_pow(Handle, exponent.Handle), exponent);

        public Tensor pow(Scalar exponent) => Made(Shim.shim_pow_number(Handle, exponent.Value));

        public Tensor maximum(Tensor other) => Made(Shim.shim_maximum(Handle, other.Handle), other);

        public Tensor minimum(Tensor other) => Made(Shim.shim_minimum(Handle, other.Handle), other);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Made(Shim.shim_clamp(
            Handle, Flag(min is not null), min?.Value ?? default, Flag(max is not null), max?.Value ?? default));

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Made(Shim.shim_addcmul(Handle, tensor1.Handle, tensor2.Handle, value.Value), tensor1, tensor2);

        public Tensor where(Tensor condition, Tensor y) =>
            Made(Shim.shim_where(condition.Handle, Handle, y.Handle), condition, y);

        public Tensor masked_fill(Tensor mask, Scalar value) =>
            Made(Shim.shim_masked_fill(Handle, mask.Handle, value.Value), mask);

        public Tensor matmul(Tensor target) => Made(Shim.shim_matmul(Handle, target.Handle), target);

        public Tensor bmm(Tensor batch2) => Made(Shim.shim_bmm(Handle, batch2.Handle), batch2);

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Made(Shim.shim_baddbmm(Handle, batch1.Handle, batch2.Handle, beta, alpha), batch1, batch2);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta, float alpha) =>
            Made(Shim.shim_addmm(Handle, mat1.Handle, mat2.Handle, beta, alpha), mat1, mat2);

        public Tensor bitwise_and(Tensor other) => Made(Shim.shim_bitwise_and(Handle, other.Handle), other);

        public Tensor logical_and(Tensor other) => Made(Shim.shim_logical_and(Handle, other.Handle), other);

        public Tensor logical_or(Tensor other) => Made(Shim.shim_logical_or(Handle, other.Handle), other);
    }
}
