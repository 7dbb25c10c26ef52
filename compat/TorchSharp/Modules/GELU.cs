namespace TorchSharp.Modules;

public static class GELU
{
    public enum Approximate
    {
        none,
        tanh,
    }
}
