"""The Dockerfile as a list of instructions, for the check that needs no container engine and for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Instruction:
    word: str  # FROM, RUN, …
    rest: str


def instructions(text: str) -> list[Instruction]:
    """Comments and continued lines are taken care of; nothing else of the syntax is."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    whole = re.sub(r"\s*\\\n\s*", " ", lines)
    found = (line.strip().split(None, 1) for line in whole.splitlines() if line.strip())
    return [Instruction(words[0].upper(), words[1] if len(words) > 1 else "") for words in found]


def settings_of(found: Iterable[Instruction]) -> dict[str, str]:
    """What ENV sets, in order."""
    pairs = (pair.split("=", 1) for one in found if one.word == "ENV" for pair in one.rest.split())
    return {name: value.strip('"') for name, value in pairs}


def is_sent(path: str, patterns: Iterable[str]) -> bool:
    """Whether .dockerignore lets this file (relative to its folder) go to the builder; the last match counts."""
    sent = True
    for pattern in patterns:
        keeps = pattern.startswith("!")
        bare = pattern.lstrip("!").rstrip("/")
        parents = [str(parent) for parent in (Path(path), *Path(path).parents)]
        inside = [part for part in Path(path).parts if bare.startswith("**/") and fnmatch(part, bare[3:])]
        if inside or any(fnmatch(parent, bare) for parent in parents if "/" not in parent or "/" in bare):
            sent = keeps
    return sent


def ignore_patterns(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
