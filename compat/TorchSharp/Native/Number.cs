using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The shim's Number: an integer or a float, passed by value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Number
{
    private readonly double _real;
    private readonly long _integer;
    private readonly int _isInteger;

    internal Number(double value)
    {
        _real = value;
        _integer = (long)value;
    }

    internal Number(long value)
    {
        _real = value;
        _integer = value;
        _isInteger = 1;
    }

    internal double Real => _real;

    internal long Integer => _integer;

    internal bool IsInteger => _isInteger != 0;
}
