using System.Text;
using PhysIntuition.Vlm.Tokenization;
using static TorchSharp.torch;

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

/// <summary>Which tokens may follow, so that a completion is a text of a grammar and then stops.</summary>
/// <remarks>Tokens are tried against the grammar once for every state that is reached; safe to share.</remarks>
public sealed class TokenConstraint
{
    private readonly TextGrammar _grammar;
    private readonly byte[][] _bytes;
    private readonly int[] _stopTokens;
    private readonly int _vocabulary;
    private readonly Dictionary<int, int[]> _allowed = [];
    private readonly Lock _gate = new();

    /// <summary>Prepares a vocabulary.</summary>
    /// <param name="grammar">What may be written.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="stopTokens">What ends a completion; at least one.</param>
    /// <param name="vocabulary">Columns of the model's logits.</param>
    public TokenConstraint(
        TextGrammar grammar, Tokenizer tokenizer, IReadOnlyList<int> stopTokens, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfZero(stopTokens.Count, nameof(stopTokens));
        (_grammar, _stopTokens, _vocabulary) = (grammar, [.. stopTokens], vocabulary);
        _bytes = [.. Enumerable.Range(0, Math.Min(vocabulary, tokenizer.Size)).Select(
            id => tokenizer.IsSpecial(id) ? [] : tokenizer.BytesOf(id).ToArray())];
    }

    /// <summary>The state before the first token.</summary>
    public int Start => _grammar.Start;

    /// <summary>The tokens that may follow, at least one; behind the end the stop tokens.</summary>
    public IReadOnlyList<int> Allowed(int state)
    {
        lock (_gate)
        {
            if (!_allowed.TryGetValue(state, out var tokens))
            {
                _allowed[state] = tokens = [.. state < 0 ? [] : Enumerable.Range(0, _bytes.Length).Where(
                    id => _bytes[id].Length > 0 && _grammar.Next(state, _bytes[id]) >= 0),
                    .. state < 0 || _grammar.IsWhole(state) ? _stopTokens : []];
            }

            return tokens;
        }
    }

    /// <summary>The state after a token; -1 behind the end.</summary>
    public int Next(int state, int token) =>
        state < 0 || _stopTokens.Contains(token) ? -1 : _grammar.Next(state, _bytes[token]);

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
}
