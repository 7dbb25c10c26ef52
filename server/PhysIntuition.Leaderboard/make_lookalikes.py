"""Writes lookalikes.txt: what each character of a method's name counts as when names are compared.

usage: python3 make_lookalikes.py > lookalikes.txt
Needs ICU's libraries (Debian: libicu72, libicu76), which hold Unicode's table of confusable characters.
"""
import ctypes
import ctypes.util
from collections import defaultdict

ICU = ctypes.util.find_library("icuuc").split(".so.")[1]
COMMON = ctypes.CDLL(f"libicuuc.so.{ICU}")
I18N = ctypes.CDLL(f"libicui18n.so.{ICU}")


def function(library, name, result=ctypes.c_int32):
    found = getattr(library, f"{name}_{ICU}")
    found.restype = result
    return found


def opened(library, name):
    return ctypes.c_void_p(function(library, name, ctypes.c_void_p)(ctypes.byref(ctypes.c_int(0))))


def translate(call, handle, text, *between):
    encoded = text.encode("utf-16-le")
    source, target = ctypes.create_string_buffer(encoded + b"\0\0"), ctypes.create_string_buffer(512)
    error = ctypes.c_int(0)
    length = call(handle, *between, source, ctypes.c_int32(len(encoded) // 2), target, ctypes.c_int32(256),
                  ctypes.byref(error))
    assert error.value <= 0, (error.value, text)
    return target.raw[:2 * length].decode("utf-16-le")


def main():
    normalise = function(COMMON, "unorm2_normalize")
    skeleton, checker = function(I18N, "uspoof_getSkeleton"), opened(I18N, "uspoof_open")
    casefold = opened(COMMON, "unorm2_getNFKCCasefoldInstance")
    decompose = opened(COMMON, "unorm2_getNFDInstance")
    combining = function(COMMON, "u_getCombiningClass", ctypes.c_uint8)
    category = function(COMMON, "u_charType", ctypes.c_int8)

    def without_marks(text):
        decomposed = translate(normalise, decompose, text)
        return "".join(c for c in decomposed if combining(ctypes.c_int32(ord(c))) == 0)

    def key(text):
        while True:
            folded = translate(normalise, casefold, text)
            seen = without_marks(translate(skeleton, checker, folded, ctypes.c_uint32(0)))
            again = without_marks(translate(normalise, casefold, seen))
            if again == text:
                # A capital I counts as a small i and looks like a small l.
                return text.replace("l", "i")
            text = again

    characters = defaultdict(list)
    for code in range(0x110000):
        is_assigned = category(ctypes.c_int32(code)) not in (0, 17, 18)   # unassigned, private, surrogate
        if is_assigned and not 0xAC00 <= code <= 0xD7A3 and (found := key(chr(code))) != chr(code):
            characters[found].append(code)

    version = ctypes.create_string_buffer(4)
    function(COMMON, "u_getUnicodeVersion", None)(version)
    print(f"# What characters count as in names, Unicode {version.raw[0]}.{version.raw[1]}; made by make_lookalikes.py.")
    print("# KEY CODE...: CODE[-CODE]... The key is the skeleton of UTS 39 of NFKC_Casefold, repeated until it stays,")
    print("# without marks that stack; a small l counts as i. Hangul syllables count as their letters.")
    for found in sorted(characters):
        line = start = " ".join(f"{ord(c):X}" for c in found) + ":"
        for first, last in ranges(characters[found]):
            part = f" {first:X}" if first == last else f" {first:X}-{last:X}"
            if len(line + part) > 120:
                print(line)
                line = start
            line += part
        print(line)


def ranges(codes):
    first = last = codes[0]
    for code in codes[1:]:
        if code != last + 1:
            yield first, last
            first = code
        last = code
    yield first, last


if __name__ == "__main__":
    main()
