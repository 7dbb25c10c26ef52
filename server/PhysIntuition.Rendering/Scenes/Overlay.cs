using System.Numerics;

namespace PhysIntuition.Rendering.Scenes;

/// <summary>What an overlay draws.</summary>
public enum OverlayKind : byte
{
    /// <summary>A ring on the ground: target zone; <see cref="Overlay.Size"/> is its radius, m.</summary>
    Zone,

    /// <summary>An arrow from <see cref="Overlay.From"/> to <see cref="Overlay.To"/>; size is its width, m.</summary>
    Arrow,

    /// <summary>A short text centred on the projection of <see cref="Overlay.From"/>; size in m of height.</summary>
    Label,
}

/// <summary>A mark that the task draws into the picture.</summary>
/// <param name="Kind">What is drawn.</param>
/// <param name="From">Place, m, world frame.</param>
/// <param name="To">End of an arrow, m, world frame; else unused.</param>
/// <param name="Size">m, in [0.001, 1000]; see the kind.</param>
/// <param name="Color">Linear RGB, each in [0, 1].</param>
/// <param name="Text">Of a label: 1 to 8 characters of ASCII; others are drawn as question marks.</param>
public readonly record struct Overlay(
    OverlayKind Kind, Vector3 From, Vector3 To, float Size, Vector3 Color, string? Text = null);
