"""PTX, as far as ILGPU writes it, to C++: one statement per instruction, one flat memory, IEEE single precision.

By the PTX ISA: float to integer ends at the type's limits; copysign takes the sign first; only instructions that may
not be fused are known, so that a text that leaves it to the compiler is refused.
"""
import re
import sys

PRELUDE = r'''
#include <stdint.h>
#include <string.h>
#include <math.h>
typedef uint8_t T_u8; typedef int8_t T_s8; typedef uint16_t T_u16; typedef int16_t T_s16; typedef uint32_t T_u32;
typedef int32_t T_s32; typedef uint64_t T_u64; typedef int64_t T_s64; typedef float T_f32;
static bool is_aligned = true;
struct Special { T_u32 x, y, z; };
static thread_local Special ctaid, ntid, tid;
template <class T> static inline T load(T_u64 at) {
  if (at % sizeof(T)) is_aligned = false;
  T v; memcpy(&v, (const void*)at, sizeof v); return v;
}
template <class T> static inline void store(T_u64 at, T v) {
  if (at % sizeof(T)) is_aligned = false;
  memcpy((void*)at, &v, sizeof v);
}
static inline T_f32 of_bits(T_u32 b) { T_f32 f; memcpy(&f, &b, 4); return f; }
static inline T_u32 bits_of(T_f32 f) { T_u32 b; memcpy(&b, &f, 4); return b; }
static inline T_f32 copy_sign(T_f32 a, T_f32 b) { return of_bits((bits_of(a) & 1u << 31) | (bits_of(b) & ~(1u << 31))); }
template <class T> static inline T whole(T_f32 f, double least, double most) {
  if (f != f) return 0;
  const double d = trunc((double)f);
  return (T)(d < least ? least : d > most ? most : d);
}
'''
REGISTERS = {'p': 'bool', 'rs': 'T_u16', 'r': 'T_u32', 'rd': 'T_u64', 'f': 'T_f32'}
COMPARES = {'eq': '==', 'ne': '!=', 'lt': '<', 'le': '<=', 'gt': '>', 'ge': '>=', 'lo': '<', 'ls': '<=', 'hi': '>',
            'hs': '>='}
INTEGERS = {'add': '+', 'sub': '-', 'mul': '*', 'div': '/', 'rem': '%', 'and': '&', 'or': '|', 'xor': '^'}
FLOATS = {'add.rn.f32': '+', 'sub.rn.f32': '-', 'mul.rn.f32': '*', 'div.rn.f32': '/'}
FUNCTION = re.compile(
    r'\.visible\s+\.(func|entry)\s*(\([^)]*\))?\s*(\w+)\s*\(([^)]*)\)\s*(\{|;)', re.S)
PARAMETER = re.compile(r'\.param\s+(?:\.align\s+\d+\s+)?\.(\w+)\s+(\w+)(?:\[(\d+)\])?')


def type_of(name):
    return 'bool' if name == 'pred' else 'T_' + name.replace('b', 'u')


def split(text):
    parts, depth, part = [], 0, ''
    for letter in text:
        depth += letter in '{[('
        depth -= letter in '}])'
        if letter == ',' and depth == 0:
            parts.append(part.strip())
            part = ''
        else:
            part += letter
    return parts + ([part.strip()] if part.strip() else [])


def register_type(register):
    return REGISTERS[re.match(r'%([a-z]+)', register).group(1)]


def value(operand):
    if operand.startswith('%'):
        return operand[1:]
    if operand.startswith('0f'):
        return f'of_bits(0x{operand[2:]}u)'
    if re.fullmatch(r'-?\d+', operand):
        number = int(operand)
        return '(-9223372036854775807LL-1)' if number == -2**63 else f'{number}{"ULL" if number >= 2**63 else "LL"}'
    return f'(T_u64){operand}'   # a piece of local memory


def integer(operand, name):
    return f'({type_of(name)})({value(operand)})'


def unsigned(name):
    return 'u' + name[1:]


def assign(target, expression):
    return f'{target[1:]} = ({register_type(target)})({expression});'


def same_bits(target, source):
    if source.startswith('%') and '.' not in source and {register_type(target), register_type(source)} == {
            'T_f32', 'T_u32'}:
        return f'{target[1:]} = {"of_bits" if register_type(target) == "T_f32" else "bits_of"}({value(source)});'
    return assign(target, value(source))


def access(words, operands):
    is_load, kind = words[0] == 'ld', type_of(words[-1])
    registers, place = operands if is_load else operands[::-1]
    base, offset = re.match(r'\[(.+?)(?:\+(\d+))?\]$', place).groups()
    statements = []
    for i, register in enumerate(split(registers.strip('{}'))):
        at = f'{value(base)} + {int(offset or 0) + i * (int(kind[3:]) // 8)}'
        is_float = register.startswith('0f') or register.startswith('%f')
        as_type = 'T_f32' if is_float else kind
        statements.append(assign(register, f'load<{as_type}>({at})') if is_load
                          else f'store<{as_type}>({at}, ({as_type})({value(register)}));')
    return '{ ' + ' '.join(statements) + ' }'


def compare(words, a):
    kind, test = words[-1], words[1]
    if kind == 'f32':
        x, y, is_unordered = value(a[1]), value(a[2]), test.endswith('u')
        test = test.removesuffix('u')
        ordered = f'({x} < {y} || {x} > {y})' if test == 'ne' else f'{x} {COMPARES[test]} {y}'
        result = f'({ordered} || {x} != {x} || {y} != {y})' if is_unordered else f'({ordered})'
    else:
        result = f'({integer(a[1], kind)} {COMPARES[test]} {integer(a[2], kind)})'
    return assign(a[0], result if len(words) == 3 else f'{result} {"||" if words[2] == "or" else "&&"} {value(a[3])}')


def convert(words, a):
    if words[1] == 'rmi':
        return assign(a[0], f'__builtin_floorf({value(a[1])})')
    if words[1] == 'rzi':
        bits, is_signed = int(words[2][1:]), words[2][0] == 's'
        least, most = (-2**(bits - 1), 2**(bits - 1) - 1) if is_signed else (0, 2**bits - 1)
        return assign(a[0], f'whole<{type_of(words[2])}>({value(a[1])}, {least}.0, {most}.0)')
    to, of = words[-2:]
    return assign(a[0], f'({type_of(to)})({type_of(of)})({value(a[1])})')


def shift(words, a):
    kind = words[1]
    result = f'{integer(a[1], kind)} {"<<" if words[0] == "shl" else ">>"} {value(a[2])}'
    beyond = f'{integer(a[1], kind)} < 0 ? -1 : 0' if kind[0] == 's' and words[0] == 'shr' else '0'
    return assign(a[0], f'(T_u32)({value(a[2])}) >= {kind[1:]} ? ({beyond}) : ({result})')


def translate(operation, a, targets):
    words = operation.split('.')
    head, kind = words[0], words[-1]
    if operation in FLOATS:
        return assign(a[0], f'{value(a[1])} {FLOATS[operation]} {value(a[2])}')
    if operation in ('fma.rn.f32', 'rcp.rn.f32', 'sqrt.rn.f32', 'abs.f32', 'neg.f32', 'copysign.f32'):
        x = ', '.join(value(operand) for operand in a[1:])
        return assign(a[0], {
            'fma': f'__builtin_fmaf({x})', 'rcp': f'1.0f / ({x})', 'sqrt': f'__builtin_sqrtf({x})',
            'abs': f'__builtin_fabsf({x})', 'neg': f'-({x})', 'copysign': f'copy_sign({x})'}[head])
    if kind == 'f32' and head not in ('ld', 'st', 'mov', 'setp', 'cvt'):
        raise ValueError(f'{operation} is left to the compiler')
    if head in ('ld', 'st'):
        return access(words, a)
    if head in ('mov', 'cvta'):
        return same_bits(*a)
    if head == 'setp':
        return compare(words, a)
    if head == 'selp':
        return assign(a[0], f'{value(a[3])} ? {value(a[1])} : {value(a[2])}')
    if head == 'cvt':
        return convert(words, a)
    if head in ('shl', 'shr'):
        return shift(words, a)
    if head == 'mul' and words[1] == 'wide':
        return assign(a[0], f'(T_u64){integer(a[1], kind)} * (T_u64){integer(a[2], kind)}')
    if head == 'mad':
        x, y, z = (integer(operand, unsigned(kind)) for operand in a[1:])
        return assign(a[0], f'{x} * {y} + {z}')
    if head in INTEGERS:
        of = kind if head in ('div', 'rem') or kind == 'pred' else unsigned(kind)
        return assign(a[0], f'{integer(a[1], of)} {INTEGERS[head]} {integer(a[2], of)}')
    if head == 'neg':
        return assign(a[0], f'0 - {integer(a[1], unsigned(kind))}')
    if head == 'not':
        return assign(a[0], f'!{value(a[1])}' if kind == 'pred' else f'~{integer(a[1], kind)}')
    if operation == 'popc.b64':
        return assign(a[0], f'__builtin_popcountll({value(a[1])})')
    if head == 'bra':
        return f'goto {a[0]};'
    if head == 'brx':
        cases = ' '.join(f'case {i}: goto {target};' for i, target in enumerate(targets[a[1]]))
        return f'switch ({value(a[0])}) {{ {cases} default: __builtin_unreachable(); }}'
    if head == 'ret':
        return 'return;'
    raise ValueError(f'{operation} is not known')


def statement(text, parameters, targets, label):
    """One line of C++ for one of PTX; where it goes: memory first, then the rest."""
    if text.startswith('.reg'):
        _, kind, count = re.match(r'\.reg\s+\.(\w+)\s+%(\w+)<(\d+)>', text).groups()
        return True, f'{REGISTERS[kind]} ' + ', '.join(f'{kind}{i}{{}}' for i in range(int(count))) + ';'
    if text.startswith('.local'):
        alignment, name, size = re.match(r'\.local\s+\.align\s+(\d+)\s+\.b8\s+(\w+)\[(\d+)\]', text).groups()
        return True, f'alignas({alignment}) T_u8 {name}[{size}]; memset({name}, 0xAB, {size});'
    if text.startswith('.branchtargets'):
        targets[label] = split(text[len('.branchtargets'):])
        return False, ''
    guard = re.match(r'@(!?)%(\w+)\s+(.*)$', text)
    condition, text = (f'if ({guard.group(1)}{guard.group(2)}) ', guard.group(3)) if guard else ('', text)
    operation, operands = re.match(r'([\w.]+)\s*(.*)$', text).groups()
    a = split(operands)
    if operation.startswith('ld.param'):
        name, offset = re.match(r'\[(\w+?)(?:\+(\d+))?\]$', a[1]).groups()
        kind = type_of(operation.split('.')[-1])
        return False, assign(
            a[0], f'load<{kind}>((T_u64){name} + {offset or 0})' if parameters[name] else name)
    return False, condition + translate(operation, a, targets)


def body(text, parameters):
    memory, code, targets, label, pending = [], [], {}, '', ''
    for line in re.sub(r'//[^\n]*', '', text).split('\n'):
        line = line.strip()
        is_label = re.match(r'([A-Za-z_]\w*):\s*(.*)$', line) if not pending else None
        if is_label:
            label, line = is_label.groups()
            code.append(f'{label}:;')
        pending = f'{pending} {line}'.strip()
        if pending.endswith(';'):
            is_memory, result = statement(pending[:-1].strip(), parameters, targets, label)
            (memory if is_memory else code).append(result)
            pending = ''
    return '\n'.join(memory + code)


def main(source, target):
    text = open(source, encoding='ascii').read()
    for found in FUNCTION.finditer(text):
        kind, _, name, parameters, tail = found.groups()
        if kind == 'entry' and tail == '{':
            break
    listed = [PARAMETER.match(parameter).groups() for parameter in split(parameters)]
    (_, places, _), (_, arguments, size) = listed
    # A function's own brace is the first that closes a line by itself at the margin.
    code = body(text[found.end():text.index('\n}', found.end())], {places: False, arguments: True})
    open(target, 'w', encoding='ascii').write(f'''{PRELUDE}
static void kernel(T_u32 {places}, const T_u8* {arguments}) {{
{code}
}}
extern "C" size_t arguments_size() {{ return {size}; }}
extern "C" const char* kernel_name() {{ return "{name}"; }}
extern "C" bool run(T_u32 blocks, T_u32 threads, const T_u32* places, const T_u8* arguments) {{
  is_aligned = true;
  ntid = {{threads, 1, 1}};
  for (ctaid.x = 0; ctaid.x < blocks; ctaid.x++)
    for (tid.x = 0; tid.x < threads; tid.x++) kernel(*places, arguments);
  return is_aligned;
}}
''')


main(sys.argv[1], sys.argv[2])
