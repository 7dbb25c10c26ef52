namespace PhysIntuition.Vlm.Tokenization;

/// <summary>A token that is cut out of the text as a whole, before anything else looks at it.</summary>
/// <param name="Id">The token's number.</param>
/// <param name="Content">The exact text, for example "&lt;|im_start|&gt;".</param>
/// <param name="IsSpecial">Whether decoding may leave it out.</param>
public sealed record AddedToken(int Id, string Content, bool IsSpecial);
