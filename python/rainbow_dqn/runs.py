"""Runs that the program made: their settings and tables."""
from __future__ import annotations

import configparser
import csv
import math
import os
import re
from typing import Any

import numpy as np

from .agent import Path


class Run:
    """A run's directory, as docs/runs.md describes it."""

    def __init__(self, directory: Path) -> None:
        self.directory = os.fspath(directory)
        if not os.path.exists(os.path.join(self.directory, "config.ini")):
            raise FileNotFoundError(f"{self.directory}: is not a run's directory: it has no config.ini")

    def __repr__(self) -> str:
        return f"Run({self.directory!r})"

    @property
    def settings(self) -> "dict[str, str]":
        """Every parameter's value as text, by its key: ``run.settings["agent.gamma"]``."""
        parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        with open(os.path.join(self.directory, "config.ini"), encoding="utf-8") as file:
            parser.read_file(file)
        return {f"{group}.{key}": _text(value) for group in parser.sections() for key, value in parser[group].items()}

    def table(self, name: str) -> "dict[str, np.ndarray[Any, Any]]":
        """``"train"`` or ``"eval"`` as float64 columns by their names; an empty cell is NaN."""
        path = os.path.join(self.directory, f"{name}.csv")
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        columns = list(zip(*rows[1:])) or [()] * len(rows[0])
        return {head: np.array([_number(cell) for cell in column], float) for head, column in zip(rows[0], columns)}

    def _frame(self, name: str) -> Any:
        try:
            import pandas
        except ImportError:
            raise ImportError(f'data frames need pandas (pip install pandas); Run.table("{name}") needs only NumPy') from None
        return pandas.DataFrame(self.table(name))

    @property
    def train(self) -> Any:
        """A pandas data frame of train.csv: one row for each game that ended in training."""
        return self._frame("train")

    @property
    def evaluations(self) -> Any:
        """A pandas data frame of eval.csv: one row for each evaluation."""
        return self._frame("eval")

    @property
    def checkpoints(self) -> "list[str]":
        """The directories of its checkpoints, oldest first."""
        parent = os.path.join(self.directory, "checkpoints")
        names = sorted(name for name in os.listdir(parent) if name.startswith("step_")) if os.path.isdir(parent) else []
        return [os.path.join(parent, name) for name in names]


def _text(value: str) -> str:
    """A text stands in quotes, with a backslash before a quote or a backslash in it."""
    if len(value) < 2 or not value.startswith('"') or not value.endswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1])


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
