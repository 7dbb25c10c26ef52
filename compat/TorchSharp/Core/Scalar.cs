namespace TorchSharp;

/// <summary>A number handed to an operator; integers stay integers.</summary>
public readonly struct Scalar
{
    internal readonly Number Value;

    private Scalar(Number value) => Value = value;

    public static implicit operator Scalar(double value) => new(new Number(value));

    public static implicit operator Scalar(float value) => new(new Number((double)value));

    public static implicit operator Scalar(long value) => new(new Number(value));

    public static implicit operator Scalar(int value) => new(new Number((long)value));

    public static implicit operator Scalar(bool value) => new(new Number(value ? 1L : 0L));
}
