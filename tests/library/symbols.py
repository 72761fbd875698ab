#!/usr/bin/env python3
"""Compares the symbols that librainbow shows with the functions that the public headers declare: none is missing, none is more.

    symbols.py NM HEADERS SHARED STATIC

HEADERS is the directory with rainbow/. The headers are read as a parser would: without comments, directives and the bodies of
inline functions, statement by statement. cmake/symbols.cmake, which makes the library's list, looks at the layout of lines
instead, so a fault of one shows as a difference. What plugins define, rb_env_export, is a declared variable and no function.
"""
import glob
import os
import re
import subprocess
import sys


KEYWORDS = {"void", "int", "char", "bool", "double", "__attribute__"}


def declared(text):
    """The functions that a header declares without defining them."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r'extern\s*"C"\s*\{', " ", text)
    text = re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", " ", text, flags=re.M)
    text = re.sub(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)", " ", text)
    statement, depth, names = "", 0, set()
    for piece in re.findall(r"[{};]|[^{};]+", text):
        if piece == "{":
            depth += 1
        elif piece == "}":
            depth = max(0, depth - 1)  # that of extern "C" was removed
            if not depth and re.search(r"\)\s*$", statement):
                statement = ""  # the body of an inline function
        elif piece == ";" and not depth:
            words = re.findall(r"\w+|[(*)]", statement)
            if "(" in words and not {"typedef", "static"} & set(words[:1]):
                name = words[words.index("(") - 1]  # void (*hook)(int) has none there
                names |= {name} if name not in KEYWORDS else set()
            statement = ""
        elif not depth:
            statement += piece
    return names


def shown(nm, *words):
    """The global symbols of a library, without the node of the version script."""
    lines = subprocess.run([nm, *words], check=True, capture_output=True, text=True).stdout.splitlines()
    found = [line.split() for line in lines if line.strip() and not line.endswith(":")]
    return {words[-1].split("@")[0] for words in found if words[-2] in "TDBRVWCGSiu" and not words[-1].startswith("RAINBOW_")}


def main():
    nm, headers, shared, static = sys.argv[1:]
    names = set()
    for path in sorted(glob.glob(os.path.join(headers, "rainbow", "*.h"))):
        with open(path, encoding="utf-8") as file:
            names |= declared(file.read())
    faults = ["no header declares a function"] if len(names) < 50 else []
    for path, found in ((shared, shown(nm, "-D", "--defined-only", shared)), (static, shown(nm, "-g", "--defined-only", static))):
        faults += [f"{os.path.basename(path)}: {name} is declared in a public header, but not shown" for name in sorted(names - found)]
        faults += [f"{os.path.basename(path)}: {name} is shown, but no public header declares it" for name in sorted(found - names)]
    for fault in faults:
        print(fault)
    print(f"symbols: {len(names)} functions, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
