"""What device_facts.sh prints, taken apart."""

import re
from collections.abc import Mapping

Sections = Mapping[str, str]


def split_sections(output: str) -> Sections:
    r"""Text by the section's name. The text can't pretend to be a section: each line is indented.

    >>> split_sections("== kernel\n Linux 5.4\n== page\n== x\n a\n == y\n")
    {'kernel': 'Linux 5.4', 'page': '', 'x': 'a\n== y'}
    """
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in output.replace("\r\n", "\n").split("\n"):
        if line.startswith("== "):
            lines = sections.setdefault(line[3:], [])
        elif line.startswith(" "):
            lines.append(line[1:])
    return {name: "\n".join(lines) for name, lines in sections.items()}


def numbered(sections: Sections, kind: str) -> dict[int, dict[str, str]]:
    r"""The sections "KIND 0", "KIND 1", …, with their NAME=CONTENT lines.

    >>> numbered({"core 7": "cpu_capacity=1024", "core x": "", "page": "4096"}, "core")
    {7: {'cpu_capacity': '1024'}}
    """
    named = {name.removeprefix(f"{kind} "): text for name, text in sections.items()}
    return {int(name): fields(text) for name, text in named.items() if name.isdecimal()}


def fields(text: str) -> dict[str, str]:
    r"""
    >>> fields("type=cpu-0-0\ntemp=41200\nnoise")
    {'type': 'cpu-0-0', 'temp': '41200'}
    """
    rows = (line.partition("=") for line in text.splitlines())
    return {name: value.strip() for name, equals, value in rows if equals}


def whole_number(text: str | None) -> int | None:
    r"""
    >>> whole_number(" 2400000\n"), whole_number("-5"), whole_number("<unknown>"), whole_number("")
    (2400000, -5, None, None)
    """
    match = re.fullmatch(r"\s*(-?[0-9]{1,18})\s*", text or "")
    return int(match[1]) if match else None


def number_list(text: str) -> tuple[int, ...]:
    r"""A kernel's list of numbers, in either of its two spellings.

    >>> number_list("0-3,7\n"), number_list("4 5 6"), number_list("")
    ((0, 1, 2, 3, 7), (4, 5, 6), ())
    """
    numbers: set[int] = set()
    for first, last in re.findall(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", text):
        numbers.update(range(int(first), int(last or first) + 1))
    return tuple(sorted(numbers))
