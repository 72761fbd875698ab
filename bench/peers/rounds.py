"""Rounds of a measurement. A peer starts once, warms up, and then measures either once or, with --serve, once for every line on
standard input, so bench/compare.py can alternate between programs without paying for their starts.
Each round prints one JSON object on one line of standard output."""
import json
import sys


def add_options(parser, seconds):
    parser.add_argument("--seconds", type=float, default=seconds, help="length of a round")
    add_serve(parser)


def add_serve(parser):
    parser.add_argument("--serve", action="store_true", help="print \"ready\" when warm, then measure once for each line on standard input")


def rounds(serve):
    """Yields once for each round to measure."""
    if not serve:
        yield
        return
    print("ready", flush=True)
    for _ in sys.stdin:
        yield


def report(**result):
    print(json.dumps(result), flush=True)


def require(program, *modules):
    """Ends the program with a message if one of the modules is missing; `modules`: (name to import, name to install)."""
    import importlib
    for name, package in modules:
        try:
            importlib.import_module(name)
        except ImportError:
            sys.exit(f"{program}: {name} is not installed for this interpreter (pip install {package})")
