namespace PhysIntuition.Gpu.Translation;

/// <summary>A method uses something that has no counterpart on a device; the message names method and place.</summary>
public sealed class KernelTranslationException(string message) : Exception(message);
