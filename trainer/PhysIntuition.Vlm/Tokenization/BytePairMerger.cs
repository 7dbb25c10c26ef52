namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Turns one piece's bytes into token ids.</summary>
/// <remarks>
/// Always merges the pair of lowest rank, leftmost first (Sennrich, Haddow, Birch: Neural Machine Translation of
/// Rare Words with Subword Units, ACL 2016). A heap of candidates keeps long pieces at n log n.
/// </remarks>
internal sealed class BytePairMerger(Vocabulary vocabulary)
{
    /// <summary>The ids of a piece; at least one if it has bytes.</summary>
    public int[] Merge(ReadOnlySpan<byte> piece)
    {
        var ids = new int[piece.Length];
        for (var i = 0; i < piece.Length; i++)
        {
            ids[i] = vocabulary.IdOfByte(piece[i]);
        }

        return ids.Length < 2 ? ids : MergeAll(ids);
    }

    private int[] MergeAll(int[] ids)
    {
        var links = new Links(ids);
        var candidates = new PriorityQueue<Candidate, (int Rank, int Position)>();
        for (var i = 0; i + 1 < ids.Length; i++)
        {
            Offer(candidates, links, i);
        }

        while (candidates.TryDequeue(out var candidate, out var order))
        {
            var left = order.Position;
            if (!links.Holds(left, candidate.Left, candidate.Right))
            {
                continue;   // one of the two has merged with another neighbour since
            }

            links.Join(left, candidate.Merged);
            Offer(candidates, links, left);
            Offer(candidates, links, links.Before(left));
        }

        return links.Remaining();
    }

    private void Offer(PriorityQueue<Candidate, (int, int)> candidates, Links links, int left)
    {
        if (links.TryPair(left, out var leftId, out var rightId)
            && vocabulary.TryMerge(leftId, rightId, out var merge))
        {
            candidates.Enqueue(new Candidate(leftId, rightId, merge.Id), (merge.Rank, left));
        }
    }

    private readonly record struct Candidate(int Left, int Right, int Merged);

    /// <summary>The ids as a doubly linked list over their first positions.</summary>
    private sealed class Links
    {
        private const int None = -1;

        private readonly int[] _ids;
        private readonly int[] _next;
        private readonly int[] _before;

        public Links(int[] ids)
        {
            _ids = ids;
            _next = new int[ids.Length];
            _before = new int[ids.Length];
            for (var i = 0; i < ids.Length; i++)
            {
                _next[i] = i + 1 < ids.Length ? i + 1 : None;
                _before[i] = i - 1;
            }
        }

        public int Before(int position) => _before[position];

        public bool TryPair(int left, out int leftId, out int rightId)
        {
            var exists = left != None && _next[left] != None;
            leftId = exists ? _ids[left] : None;
            rightId = exists ? _ids[_next[left]] : None;
            return exists;
        }

        public bool Holds(int left, int leftId, int rightId) =>
            TryPair(left, out var currentLeft, out var currentRight)
            && (currentLeft, currentRight) == (leftId, rightId);

        public void Join(int left, int id)
        {
            var right = _next[left];
            _ids[left] = id;
            _ids[right] = None;
            _next[left] = _next[right];
            if (_next[left] != None)
            {
                _before[_next[left]] = left;
            }
        }

        public int[] Remaining() => Array.FindAll(_ids, id => id != None);
    }
}
