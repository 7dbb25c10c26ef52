namespace PhysIntuition.Vlm.Models;

/// <summary>The two families of vision-language models that are understood.</summary>
public enum VlmFamily
{
    /// <summary>Learned positions and deepstack in the tower; q/k norm and interleaved M-RoPE in the decoder.</summary>
    Qwen3Vl,

    /// <summary>Windowed attention in the tower; biased q, k, v and chunked M-RoPE in the decoder.</summary>
    Qwen25Vl,
}
