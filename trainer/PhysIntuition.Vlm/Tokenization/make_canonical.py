"""Writes canonical.txt, the part of the Unicode Character Database that NFC needs.

usage: python3 make_canonical.py FOLDER > canonical.txt
FOLDER holds UnicodeData.txt and CompositionExclusions.txt, for example /usr/share/unicode of
Debian's package unicode-data.
"""
import sys
from pathlib import Path


def code_points(path, take):
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("#")[0].split(";")
        if fields[0].strip():
            yield take(fields)


def main(folder):
    rows = list(code_points(folder / "UnicodeData.txt", lambda f: (int(f[0], 16), int(f[3]), f[5].split())))
    excluded = set(code_points(folder / "CompositionExclusions.txt", lambda f: int(f[0], 16)))
    combining = {code: rank for code, rank, _ in rows if rank}

    print("# Canonical combining classes and decompositions, Unicode 15.0; made by make_canonical.py.")
    print("# class FIRST LAST VALUE | pair CODE A B (composes) | only CODE A [B] (decomposes, never composes)")
    start = previous = None
    for code, rank in [*sorted(combining.items()), (None, None)]:
        if previous is not None and (code != previous + 1 or rank != combining[previous]):
            print(f"class {start:X} {previous:X} {combining[previous]}")
            start = None
        start = code if start is None else start
        previous = code

    for code, rank, parts in rows:
        if not parts or parts[0].startswith("<"):
            continue
        first = int(parts[0], 16)
        never = len(parts) == 1 or code in excluded or rank or combining.get(first)
        print("only" if never else "pair", f"{code:X}", *parts)


main(Path(sys.argv[1]))
