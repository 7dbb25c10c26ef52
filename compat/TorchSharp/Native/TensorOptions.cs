using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The shim's Options: element type and place of a new tensor.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct TensorOptions
{
    private readonly int _dtype;
    private readonly int _deviceType;
    private readonly int _deviceIndex;

    internal TensorOptions(torch.ScalarType? dtype, torch.Device? device, torch.ScalarType defaultType)
    {
        _dtype = (int)(dtype ?? defaultType);
        _deviceType = (int)(device?.type ?? DeviceType.CPU);
        _deviceIndex = device?.index ?? -1;
    }
}
