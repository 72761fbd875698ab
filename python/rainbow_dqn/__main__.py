"""python -m rainbow_dqn: the program, with all its commands."""
import os
import sys


def main() -> None:
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rainbow")
    os.execv(program, ["rainbow", *sys.argv[1:]])


if __name__ == "__main__":
    main()
