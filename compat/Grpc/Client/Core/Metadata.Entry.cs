using System.Buffers;
using System.Text;

namespace Grpc.Core;

public sealed partial class Metadata
{
    private static readonly SearchValues<char> s_keyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");

    /// <summary>One key with its value; keys are kept in lower case.</summary>
    public sealed class Entry
    {
        private readonly string? _text;
        private readonly byte[]? _bytes;

        /// <summary>Makes a text entry.</summary>
        /// <exception cref="ArgumentException">The key ends in <c>-bin</c> or is not well formed.</exception>
        public Entry(string key, string value)
        {
            Key = NormaliseKey(key);
            ArgumentNullException.ThrowIfNull(value);
            if (IsBinary)
            {
                throw new ArgumentException($"Key '{key}' ends in -bin and needs bytes; give a byte[] or rename it.");
            }

            _text = value;
        }

        /// <summary>Makes an entry of bytes; the array is copied.</summary>
        /// <exception cref="ArgumentException">The key does not end in <c>-bin</c> or is not well formed.</exception>
        public Entry(string key, byte[] valueBytes)
        {
            Key = NormaliseKey(key);
            ArgumentNullException.ThrowIfNull(valueBytes);
            if (!IsBinary)
            {
                throw new ArgumentException($"Key '{key}' carries bytes and must end in -bin; rename it.");
            }

            _bytes = [.. valueBytes];
        }

        /// <summary>The key, in lower case.</summary>
        public string Key { get; }

        /// <summary>Whether the value is bytes.</summary>
        public bool IsBinary => Key.Length > 4 && Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal);

        /// <summary>The bytes of the value, or the ASCII bytes of a text; a new array each time.</summary>
        public byte[] ValueBytes => _bytes is null ? Encoding.ASCII.GetBytes(_text!) : [.. _bytes];

        /// <summary>The text of the value; throws for an entry of bytes.</summary>
        public string Value => _text
            ?? throw new InvalidOperationException($"Entry '{Key}' holds bytes; read ValueBytes.");

        /// <inheritdoc />
        public override string ToString() => IsBinary
            ? $"[Entry: key={Key}, valueBytes={_bytes!.Length} bytes]"
            : $"[Entry: key={Key}, value={_text}]";

        internal ReadOnlySpan<byte> BytesSpan => _bytes;

        private static string NormaliseKey(string key)
        {
            ArgumentNullException.ThrowIfNull(key);
            var lower = key.ToLowerInvariant();
            if (lower.Length == 0 || lower.AsSpan().ContainsAnyExcept(s_keyCharacters))
            {
                throw new ArgumentException(
                    $"Metadata key '{key}' is not valid; use only letters, digits, '_', '-' and '.'.", nameof(key));
            }

            return lower;
        }
    }
}
