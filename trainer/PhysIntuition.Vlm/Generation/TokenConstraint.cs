namespace PhysIntuition.Vlm.Generation;

/// <summary>Texts that may be written: a form's pieces in order, one alternative of each.</summary>
/// <remarks>
/// A deterministic automaton over UTF-8 bytes, made by the subset construction as far as it is walked (Rabin, Scott,
/// Finite Automata and Their Decision Problems, 1959). Safe to share between threads.
/// </remarks>
public sealed class TextGrammar
{
    private readonly List<Node> _nodes = [];              // tries of all pieces of all forms
    private readonly HashSet<int> _ends = [];             // nodes behind a form's last piece
    private readonly List<int[]> _states = [];            // nodes that a text may have reached
    private readonly List<Dictionary<byte, int>> _steps = [];
    private readonly Dictionary<string, int> _known = [];
    private readonly Lock _gate = new();

    /// <summary>Builds the automaton.</summary>
    /// <param name="forms">Each a list of pieces, each a list of alternatives; an empty text may be one.</param>
    /// <exception cref="ArgumentException">A piece has no alternative.</exception>
    public TextGrammar(params IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> forms)
    {
        var starts = new List<int>();
        foreach (var pieces in forms)
        {
            // From the last piece to the first, so that each knows what follows it.
            var next = Add(follows: -1);
            _ends.Add(next);
            foreach (var piece in pieces.Reverse())
            {
                if (piece.Count == 0)
                {
                    throw new ArgumentException("A piece of the grammar has no alternative; give one or more.");
                }

                var root = Add(next);
                foreach (var text in piece)
                {
                    AddText(root, text);
                }

                next = root;
            }

            starts.Add(next);
        }

        Start = StateOf([.. starts]);
    }

    /// <summary>The state of an empty text.</summary>
    public int Start { get; }

    /// <summary>Whether a text in this state is whole.</summary>
    public bool IsWhole(int state)
    {
        lock (_gate)
        {
            return _states[state].Any(_ends.Contains);
        }
    }

    /// <summary>The state after some bytes; -1 where no text goes on so.</summary>
    public int Next(int state, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (var value in bytes)
            {
                if (!_steps[state].TryGetValue(value, out var next))
                {
                    next = StateOf([.. _states[state].Select(node => _nodes[node].Children.GetValueOrDefault(value, -1))
                        .Where(node => node >= 0)]);
                    _steps[state][value] = next;
                }

                if (next < 0)
                {
                    return -1;
                }

                state = next;
            }

            return state;
        }
    }

    private int StateOf(int[] nodes)
    {
        var reached = new SortedSet<int>();
        foreach (var node in nodes)
        {
            var at = node;
            while (reached.Add(at) && _nodes[at].IsEnd)
            {
                at = _nodes[at].Follows;
            }
        }

        if (reached.Count == 0)
        {
            return -1;
        }

        var key = string.Join(',', reached);
        if (!_known.TryGetValue(key, out var state))
        {
            state = _known[key] = _states.Count;
            _states.Add([.. reached]);
            _steps.Add([]);
        }

        return state;
    }

    private int Add(int follows)
    {
        _nodes.Add(new Node(follows));
        return _nodes.Count - 1;
    }

    private void AddText(int root, string text)
    {
        var at = root;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (!_nodes[at].Children.TryGetValue(value, out var next))
            {
                _nodes[at].Children[value] = next = Add(_nodes[root].Follows);
            }

            at = next;
        }

        _nodes[at].IsEnd = true;
    }

    private sealed class Node(int follows)
    {
        /// <summary>The root of the piece behind this one.</summary>
        public int Follows { get; } = follows;

        /// <summary>Whether an alternative ends here.</summary>
        public bool IsEnd { get; set; }

        public Dictionary<byte, int> Children { get; } = [];
    }
}

/// <summary>Which tokens may follow, so that a completion is a text of a grammar, in the tokens that the tokenizer
/// gives this text, and then stops.</summary>
/// <remarks>
/// A text can be cut into tokens in many ways, of which training shows one. Draws from all of them spend their entropy
/// on cuts, and a greedy answer compares shares of a text in place of texts. So a token may only follow where the text
/// so far is cut as the tokenizer cuts it (Vieira et al., Language Models over Canonical Byte-Pair Encodings, 2025),
/// which a window of the last tokens shows, and where a text can still be ended so.
/// Every state is looked at once, when it is first reached; safe to share.
/// </remarks>
public sealed class TokenConstraint
{
    private const int Window = 3;   // tokens before a new one; pieces of a text depend on no more

    private readonly TextGrammar _grammar;
    private readonly Tokenizer _tokenizer;
    private readonly byte[][] _bytes;
    private readonly int[] _stopTokens;
    private readonly Dictionary<int, int[]> _fitting = [];                   // by state of the grammar
    private readonly List<Place> _places = [];                               // by state
    private readonly Dictionary<(int, int, int, int), int> _known = [];
    private readonly Lock _gate = new();
    private readonly bool _isCanonical;

    /// <summary>Prepares a vocabulary.</summary>
    /// <param name="grammar">What may be written.</param>
    /// <param name="tokenizer">The model's; where it can cut no text of the grammar, all cuts are let through.</param>
    /// <param name="stopTokens">What ends a completion; at least one.</param>
    /// <param name="vocabulary">Columns of the model's logits.</param>
    public TokenConstraint(
        TextGrammar grammar, Tokenizer tokenizer, IReadOnlyList<int> stopTokens, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfZero(stopTokens.Count, nameof(stopTokens));
        (_grammar, _tokenizer, _stopTokens) = (grammar, tokenizer, [.. stopTokens]);
        _bytes = [.. Enumerable.Range(0, Math.Min(vocabulary, tokenizer.Size)).Select(
            id => tokenizer.IsSpecial(id) ? [] : tokenizer.BytesOf(id).ToArray())];
        Start = StateOf(grammar.Start, []);
        _isCanonical = CanEnd(Start);
    }

    /// <summary>The state before the first token.</summary>
    public int Start { get; }

    /// <summary>The tokens that may follow, at least one; behind the end the stop tokens.</summary>
    public IReadOnlyList<int> Allowed(int state)
    {
        if (state < 0)
        {
            return _stopTokens;
        }

        lock (_gate)
        {
            var place = _places[state];
            return place.Allowed ??=
            [
                .. Fitting(place.Grammar).Where(token => !_isCanonical
                    || (IsCut(place, token) && CanEnd(StateAfter(place, token)))),
                .. _grammar.IsWhole(place.Grammar) ? _stopTokens : [],
            ];
        }
    }

    /// <summary>The state after a token; -1 behind the end.</summary>
    public int Next(int state, int token)
    {
        if (state < 0 || _stopTokens.Contains(token))
        {
            return -1;
        }

        lock (_gate)
        {
            return StateAfter(_places[state], token);
        }
    }

    /// <summary>Where tokens are forbidden, for rows that each have a constraint and a state.</summary>
    /// <returns>[rows, vocabulary]; null where no row has a constraint.</returns>
    internal static Tensor? Forbidden(
        IReadOnlyList<(TokenConstraint? Constraint, int State)> rows, long vocabulary, Device device)
    {
        if (rows.All(row => row.Constraint is null))
        {
            return null;
        }

        var forbidden = new bool[rows.Count * vocabulary];
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Constraint is { } constraint)
            {
                var own = forbidden.AsSpan((int)(row * vocabulary), (int)vocabulary);
                own.Fill(true);
                foreach (var token in constraint.Allowed(rows[row].State))
                {
                    own[token] = false;
                }
            }
        }

        return tensor(forbidden, [rows.Count, vocabulary], device: device);
    }

    /// <summary>The states before each token of a completion.</summary>
    internal IEnumerable<int> States(IReadOnlyList<int> tokens)
    {
        var state = Start;
        foreach (var token in tokens)
        {
            yield return state;
            state = Next(state, token);
        }
    }

    /// <summary>Whether a text that is cut as the tokenizer cuts it can be ended from here.</summary>
    private bool CanEnd(int state)
    {
        var place = _places[state];
        return place.CanEnd ??= _grammar.IsWhole(place.Grammar) || Array.Exists(
            Fitting(place.Grammar), token => IsCut(place, token) && CanEnd(StateAfter(place, token)));
    }

    /// <summary>Tokens that go on with a text of the grammar.</summary>
    private int[] Fitting(int grammar)
    {
        if (!_fitting.TryGetValue(grammar, out var tokens))
        {
            _fitting[grammar] = tokens = [.. Enumerable.Range(0, _bytes.Length).Where(
                id => _bytes[id].Length > 0 && _grammar.Next(grammar, _bytes[id]) >= 0)];
        }

        return tokens;
    }

    /// <summary>Whether the tokenizer, too, ends the text so far and a token in the last token and this one.</summary>
    private bool IsCut(Place place, int token)
    {
        int[] written = [.. place.Last, token];
        var text = _tokenizer.Decode(written);
        var seen = place.Last.Length < Window ? written.Length : 2;   // a later window may begin amid a piece
        return text.Contains('\uFFFD')   // a part of a character
            || _tokenizer.Encode(text).TakeLast(seen).SequenceEqual(written.TakeLast(seen));
    }

    private int StateAfter(Place place, int token)
    {
        var grammar = _grammar.Next(place.Grammar, _bytes[token]);
        return grammar < 0 ? -1 : StateOf(grammar, [.. place.Last.Append(token).TakeLast(Window)]);
    }

    private int StateOf(int grammar, int[] last)
    {
        int At(int i) => i < last.Length ? last[i] : -1;
        var key = (grammar, At(0), At(1), At(2));
        if (!_known.TryGetValue(key, out var state))
        {
            state = _known[key] = _places.Count;
            _places.Add(new Place(grammar, last));
        }

        return state;
    }

    /// <summary>A state: where in the grammar, behind which tokens.</summary>
    private sealed class Place(int grammar, int[] last)
    {
        public int Grammar { get; } = grammar;

        public int[] Last { get; } = last;

        public int[]? Allowed { get; set; }

        public bool? CanEnd { get; set; }
    }
}
