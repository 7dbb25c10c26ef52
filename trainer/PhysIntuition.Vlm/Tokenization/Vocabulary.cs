namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Byte-level BPE tables: tokens, their bytes, and which neighbours merge first.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly byte[]?[] _bytes;
    private readonly Dictionary<long, Merge> _merges;
    private readonly int[] _byteIds = new int[256];

    private Vocabulary(Dictionary<string, int> ids, byte[]?[] bytes, Dictionary<long, Merge> merges)
    {
        _ids = ids;
        _bytes = bytes;
        _merges = merges;
        for (var value = 0; value < 256; value++)
        {
            _byteIds[value] = ids[ByteAlphabet.ToCharacter((byte)value).ToString()];
        }
    }

    /// <summary>One past the largest id.</summary>
    public int Size => _bytes.Length;

    public bool TryGetId(string token, out int id) => _ids.TryGetValue(token, out id);

    /// <summary>The bytes of a token; null if the id is not used.</summary>
    public byte[]? BytesOf(int id) => (uint)id < (uint)_bytes.Length ? _bytes[id] : null;

    public int IdOfByte(byte value) => _byteIds[value];

    /// <summary>Finds what two neighbours merge into.</summary>
    public bool TryMerge(int left, int right, out Merge merge) => _merges.TryGetValue(Key(left, right), out merge);

    /// <summary>Builds and checks the tables.</summary>
    /// <param name="ids">Token texts in the byte alphabet, and their ids.</param>
    /// <param name="pairs">Merges, the most urgent first.</param>
    /// <param name="fault">Makes the exception for a message.</param>
    public static Vocabulary Create(
        Dictionary<string, int> ids, IReadOnlyList<(string Left, string Right)> pairs, Func<string, Exception> fault)
    {
        var bytes = new byte[]?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids)
        {
            if (id < 0 || !ByteAlphabet.TryToBytes(token, out bytes[id]!))
            {
                throw fault($"model.vocab entry '{token}' (id {id}) is not in the byte-level alphabet.");
            }
        }

        for (var value = 0; value < 256; value++)
        {
            if (!ids.ContainsKey(ByteAlphabet.ToCharacter((byte)value).ToString()))
            {
                throw fault($"model.vocab lacks byte {value}; a byte-level vocabulary has all 256.");
            }
        }

        return new Vocabulary(ids, bytes, Rank(ids, pairs, fault));
    }

    private static Dictionary<long, Merge> Rank(
        Dictionary<string, int> ids, IReadOnlyList<(string Left, string Right)> pairs, Func<string, Exception> fault)
    {
        var merges = new Dictionary<long, Merge>(pairs.Count);
        for (var rank = 0; rank < pairs.Count; rank++)
        {
            var (left, right) = pairs[rank];
            if (!ids.TryGetValue(left, out var leftId) || !ids.TryGetValue(right, out var rightId)
                || !ids.TryGetValue(left + right, out var id))
            {
                throw fault($"model.merges[{rank}] joins '{left}' and '{right}'; both and '{left}{right}' must be "
                    + "in model.vocab.");
            }

            merges.TryAdd(Key(leftId, rightId), new Merge(rank, id));
        }

        return merges;
    }

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>What a pair becomes, and how urgent that is: the lowest rank goes first.</summary>
    public readonly record struct Merge(int Rank, int Id);
}
