from typing import Any

U8: int
F32: int
np: Any
gymnasium: Any

class Refused(Exception):
    letter: str

def read_observations(space: Any, channels: str) -> "tuple[Any, str]": ...
def frame_numbers(reader: Any) -> int: ...
def number_actions(space: Any) -> Any: ...
