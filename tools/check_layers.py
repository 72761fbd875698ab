#!/usr/bin/env python3
"""Checks the tree against the rooms of DESIGN.md: the includes each room may have, and the words that belong to some rooms only.

    tools/check_layers.py [ROOT]        prints each fault as FILE:LINE: sentence; exit status 0 none, 1 some, 2 no table

The table comes from DESIGN.md (section "Rooms"), so the page that people read is the rule that is checked. In its column
"may include" only the words in `code` count: the name of a room, or one header by its path. `all above` means every room of a lower
rank. Every room may include itself and rainbow/error.h.

No .c files of src/ may call each other in a cycle, directly or through others: a cycle means that a function is in the wrong file.
"""
import os
import re
import sys

EVERYONES = "rainbow/error.h"

# Words that belong to some rooms only: (pattern, rooms or files that may, why). Comments and strings are ignored.
WORDS = [
    (r"\b(?:printf|vprintf|puts|putchar|perror|exit|_exit|_Exit|quick_exit|abort)\s*\(|\b(?:stdout|stderr)\b", {"cli"},
     "only cli prints, exits or aborts; return a status with a sentence"),
    (r"\b(?:malloc|calloc|realloc|aligned_alloc|posix_memalign|strdup|asprintf)\s*\(",
     {"base", "config", "io", "env", "results", "rollout", "learner", "inspect", "viewer", "train", "xla", "cluster", "cli"}, "this room takes its memory from the arena it is given"),
    (r"\b(?:rand|srand|random|srandom|drand48)\s*\(", set(), "dice come from base/rng.h"),
    (r"\b(?:clock_gettime|gettimeofday|clock|time)\s*\(", {"base"}, "time comes from base/clock.h"),
    (r"\b(?:fopen|fdopen|opendir|mkdir|unlink|rename|fwrite|fread)\s*\(", {"base", "config", "io", "env", "results", "inspect", "train", "cluster", "cli"},
     "this room knows no files"),
]
# The same for system headers.
HEADERS = [
    (r"(?:pthread|threads|semaphore|stdatomic)\.h", {"base", "config", "env", "xla"}, "this room knows no threads, only base/pool.h"),
    (r"(?:[a-z0-9]*intrin|arm_neon|arm_sve|cpuid)\.h", {"base", "compute"}, "instructions of a processor live in compute"),
    (r"dlfcn\.h", {"base", "env", "io", "xla", "cli/exits.c"}, "shared objects are loaded by env, io and xla"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
# A comment, or a string or character constant: the one that starts first wins.
HIDDEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def read_rooms(design):
    """{room: (rank, set of rooms and headers it may include)} from the table in DESIGN.md."""
    rows = {}
    for line in design.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and cells[0].isdigit():
            rows[cells[1].strip("`")] = (int(cells[0]), set(re.findall(r"`([^`]+)`", cells[3])))
    for room, (rank, may) in rows.items():
        if "all above" in may:
            may.discard("all above")
            may |= {other for other, (other_rank, _) in rows.items() if other_rank < rank}
        for name in may:
            if "/" not in name and name not in rows:
                raise ValueError(f"the table lets {room} include '{name}', which is no room")
    return rows


def without_hidden(text):
    """The text with comments and strings blanked, every line where it was."""
    return HIDDEN.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def check_file(root, path, room, rooms, faults):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    may = rooms[room][1]
    code = without_hidden(text).splitlines()
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found and code[number - 1].strip():
            ours, system = found.groups()
            if ours:
                check_include(root, path, number, room, ours, may, faults)
            else:
                for pattern, allowed, why in HEADERS:
                    if re.fullmatch(pattern, system) and room not in allowed and path.removeprefix("src/") not in allowed:
                        faults.append((path, number, f"{room} includes <{system}>: {why}"))
            continue
        for pattern, allowed, why in WORDS:
            word = re.search(pattern, code[number - 1])
            if word and room not in allowed and path.removeprefix("src/") not in allowed:
                faults.append((path, number, f"{word.group().rstrip('( ')} in {room}: {why}"))


def check_include(root, path, number, room, header, may, faults):
    if header.startswith("../"):  # a header outside src/ is named by its path in the tree
        header = os.path.normpath(os.path.join(os.path.dirname(path), header))
    top = header.split("/")[0]
    if "/" not in header:
        faults.append((path, number, f'"{header}": write the path from src/ or include/, such as "{room}/{header}"'))
    elif not any(os.path.exists(os.path.join(root, base, header)) for base in ("src", "include", ".")):
        faults.append((path, number, f'"{header}" is not there'))
    elif header != EVERYONES and top != room and top not in may and header not in may and f"{top}/" not in may:
        faults.append((path, number, f"{room} may not include {header}"))


# The head of a function that other files can call: at the start of a line, not static, followed by its body.
FUNCTION = re.compile(r"^(?!static\b|typedef\b|return\b|else\b)[A-Za-z_][\w \t*]*?[ *](\w+)\([^;{}]*\)\s*\{", re.M)


def find_calls(root, paths):
    """{path: {called path: name of one function called}} between the .c files of src/."""
    codes, owner = {}, {}
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            codes[path] = without_hidden(file.read())
        for found in FUNCTION.finditer(codes[path]):
            owner.setdefault(found.group(1), path)
    calls = {}
    for path, code in codes.items():
        mine = set(re.findall(r"^static\b[^;={]*?\b(\w+)\(", code, re.M))  # a static function hides another file's
        calls[path] = {}
        for word in re.findall(r"\b[A-Za-z_]\w*\b", code):
            if word in owner and owner[word] != path and word not in mine:
                calls[path].setdefault(owner[word], word)
    return calls


def find_cycle(calls):
    """One shortest cycle as a list of paths, or None."""
    best = None
    for start in sorted(calls):
        before, queue = {start: None}, [start]
        while queue:
            path = queue.pop(0)
            if start in calls[path]:
                cycle = [path]
                while before[cycle[0]] is not None:
                    cycle.insert(0, before[cycle[0]])
                best = cycle if best is None or len(cycle) < len(best) else best
                break
            for called in sorted(calls[path]):
                if called not in before:
                    before[called] = path
                    queue.append(called)
    return best


def check_cycles(root, paths, faults):
    """Reports one cycle, breaks it, and looks for the next."""
    calls = find_calls(root, paths)
    while True:
        cycle = find_cycle(calls)
        if cycle is None:
            return
        pairs = list(zip(cycle, cycle[1:] + cycle[:1]))
        path = "; ".join(f"{a} calls {calls[a][b]} of {b}" for a, b in pairs)
        faults.append((cycle[0], 1, f"is part of a cycle of calls: {path}"))
        for a, b in pairs:
            del calls[a][b]


def check_tree(root):
    with open(os.path.join(root, "DESIGN.md"), encoding="utf-8") as file:
        rooms = read_rooms(file.read())
    if not rooms:
        raise ValueError("DESIGN.md has no table of rooms")
    faults, names = [], {}
    for folder, folders, files in os.walk(os.path.join(root, "src")):
        folders.sort()
        place = os.path.relpath(folder, os.path.join(root, "src"))
        for name in sorted(files):
            path = os.path.normpath(os.path.join("src", place, name))
            if not name.endswith((".c", ".h", ".def", ".inc")):
                continue
            if place not in rooms:
                faults.append((path, 1, "is in no room of DESIGN.md's table"))
                continue
            if name in names:
                faults.append((path, 1, f"has the name of {names[name]}; file names are unique under src/"))
            names.setdefault(name, path)
            check_file(root, path, place, rooms, faults)
    check_cycles(root, [path for path in names.values() if path.endswith(".c")], faults)
    public = os.path.join(root, "include", "rainbow")
    rooms["rainbow"] = (0, set())  # public headers know only each other
    for name in sorted(os.listdir(public)) if os.path.isdir(public) else []:
        check_file(root, os.path.join("include", "rainbow", name), "rainbow", rooms, faults)
    return rooms, faults, len(names)


def main(arguments):
    root = arguments[1] if len(arguments) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    try:
        rooms, faults, files = check_tree(root)
    except (OSError, ValueError) as error:
        print(f"check_layers: {error}", file=sys.stderr)
        return 2
    for path, number, sentence in faults:
        print(f"{path}:{number}: {sentence}")
    print(f"check_layers: {files} files in {len(rooms) - 1} rooms, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
