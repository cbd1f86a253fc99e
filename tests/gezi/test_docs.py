"""The documents about errors and the result's schema say what the code says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from extractor import errors
from gezi import errors as client_errors
from gezi import exits
from gezi.schema import schema_text

DOCS = Path(__file__).parents[2] / "docs"


def _classes(root: type[errors.GeziError]) -> list[type[errors.GeziError]]:
    return [root, *(c for child in root.__subclasses__() for c in _classes(child))]


def test_errors_md_lists_every_class_with_its_code() -> None:
    text = (DOCS / "errors.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| `(\w+)` \|.*\| (yes|no) \|$", text, re.M)
    told = {(int(number), code, name, retry == "yes") for number, code, name, retry in rows}
    ours = (errors.__name__, client_errors.__name__)
    classes = [c for c in _classes(errors.GeziError) if c.__module__ in ours]
    assert told == {(c.exit_code, c.code, c.__name__, c.retryable) for c in classes}
    assert len({c.exit_code for c in classes}) == len(classes)
    assert len({c.code for c in classes}) == len(classes)


def test_errors_md_lists_the_codes_of_a_run() -> None:
    text = (DOCS / "errors.md").read_text("utf-8").split("Exit codes of a whole run", 1)[1]
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", text, re.M)}
    assert told == {0, exits.USAGE, exits.PARTIAL, exits.NOTHING_FOUND, exits.INTERRUPTED}


def test_the_docstring_draws_every_class() -> None:
    for module in (errors, client_errors):
        drawn = set(re.findall(r"[├└]── (\w+)", module.__doc__ or "")) | {"GeziError"}
        classes = {c.__name__ for c in _classes(errors.GeziError) if c.__module__ == module.__name__}
        assert drawn == classes | {"GeziError"}


def test_the_published_schema_is_the_code_s() -> None:
    assert (DOCS / "result.schema.json").read_text("utf-8") == schema_text(), "run: make schema"
    schema = json.loads(schema_text())
    assert "additionalProperties" not in schema["$defs"]["Cell"]
    assert {"row", "col", "row_span", "col_span", "text", "confidence"} <= set(schema["$defs"]["Cell"]["required"])
