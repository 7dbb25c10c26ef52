using System.Reflection;
using System.Reflection.Emit;

namespace PhysIntuition.Gpu.Translation;

/// <summary>One instruction of a method's IL.</summary>
/// <param name="Offset">Where it stands, bytes.</param>
/// <param name="Code">What it does.</param>
/// <param name="Operand">A number, a token, an index or a branch's target offset; bits of a float or double.</param>
/// <param name="Targets">Target offsets of a switch.</param>
internal readonly record struct Instruction(int Offset, OpCode Code, long Operand, int[]? Targets = null)
{
    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>The name as ILAsm writes it, for example <c>ldc.i4.s</c>.</summary>
    public string Name => Code.Name!;

    /// <summary>Whether the operand is the offset of another instruction.</summary>
    public bool IsBranch => Code.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget;

    /// <summary>All instructions of a method, in order.</summary>
    public static List<Instruction> Decode(byte[] il)
    {
        var instructions = new List<Instruction>();
        for (var at = 0; at < il.Length;)
        {
            var offset = at;
            short value = il[at++];
            if (value == 0xFE)
            {
                value = (short)(0xFE00 | il[at++]);
            }

            var code = s_codes[value];
            instructions.Add(Read(il, offset, code, ref at));
        }

        return instructions;
    }

    private static Instruction Read(byte[] il, int offset, OpCode code, ref int at)
    {
        var from = at;
        switch (code.OperandType)
        {
            case OperandType.InlineNone:
                return new(offset, code, 0);
            case OperandType.ShortInlineBrTarget:
                at += 1;
                return new(offset, code, at + (sbyte)il[from]);
            case OperandType.ShortInlineI:
                at += 1;
                return new(offset, code, (sbyte)il[from]);
            case OperandType.ShortInlineVar:
                at += 1;
                return new(offset, code, il[from]);
            case OperandType.InlineVar:
                at += 2;
                return new(offset, code, BitConverter.ToUInt16(il, from));
            case OperandType.InlineBrTarget:
                at += 4;
                return new(offset, code, at + BitConverter.ToInt32(il, from));
            case OperandType.InlineI8 or OperandType.InlineR:
                at += 8;
                return new(offset, code, BitConverter.ToInt64(il, from));
            case OperandType.InlineSwitch:
                return ReadSwitch(il, offset, code, ref at);
            default:
                at += 4;
                return new(offset, code, BitConverter.ToInt32(il, from));
        }
    }

    private static Instruction ReadSwitch(byte[] il, int offset, OpCode code, ref int at)
    {
        var count = BitConverter.ToInt32(il, at);
        var (table, end) = (at + 4, at + 4 + (4 * count));
        at = end;
        var targets = Enumerable.Range(0, count).Select(i => end + BitConverter.ToInt32(il, table + (4 * i)));
        return new(offset, code, count, [.. targets]);
    }
}
