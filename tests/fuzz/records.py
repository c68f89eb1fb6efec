"""How many records does a text file hold? Counted here anew, by other code than the reader's, to hold it to account.

In: the text. Out: per record the line on which it starts and its cells; None where it is broken.
"""

import json
import re

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
JSON_BLANK = " \t\r\n"


def json_lines(text: str) -> list[int]:
    """The numbers of the lines that hold anything."""
    return [number for number, line in enumerate(LINE.findall(text), start=1) if line.strip(JSON_BLANK)]


def json_objects(text: str) -> int:
    """How many lines are an object, every key of which and of all within it stands there once."""
    return sum(1 for line in LINE.findall(text) if _object(line))


def _object(line: str) -> bool:
    try:
        return isinstance(json.loads(line, object_pairs_hook=_once), dict)
    except (ValueError, RecursionError):
        return False


def _once(pairs: list) -> dict:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("twice")
    return dict(pairs)


def delimited(text: str, delimiter: str) -> list[tuple[int, list[str] | None]]:
    """Records by the quoting rules of RFC 4180; after a broken one reading goes on with the line after."""
    lines, found, position = LINE.findall(text), [], 0
    while position < len(lines):
        start = position + 1
        cells, used = _record(lines, position, delimiter)
        position += used
        if cells is None or cells:
            found.append((start, cells))
    return found


def _record(lines: list[str], position: int, delimiter: str) -> tuple[list[str] | None, int]:
    """(cells, lines used). A line without a character is a record without cells."""
    cells, cell, state, used = [], "", "start", 0
    if not lines[position].rstrip("\r\n"):
        return [], 1
    for line in lines[position:]:
        used += 1
        end = len(line.rstrip("\r\n"))
        for at, character in enumerate(line):
            ended = at >= end
            if state == "quoted":
                if character == '"':
                    state = "closed"
                else:
                    cell += character
            elif ended:
                break
            elif character == delimiter and (delimiter != " " or state != "start"):
                cells.append(cell)
                cell, state = "", "start"
            elif state == "start" and delimiter == " " and character == " ":
                continue
            elif state == "start" and character == '"':
                state = "quoted"
            elif state == "closed":
                if character != '"':
                    return None, used
                cell, state = cell + '"', "quoted"
            else:
                cell, state = cell + character, "open"
        if state != "quoted":
            return [*cells, cell], used
    return None, used
