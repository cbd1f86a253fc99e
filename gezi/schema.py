"""Prints the JSON Schema of a result: `make schema` writes it to docs/result.schema.json."""

from __future__ import annotations

import json
from typing import Any

from extractor.result import Document


def schema_text() -> str:
    schema = _open(Document.model_json_schema(mode="serialization"))
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    schema["title"] = "Gezi result 1.0"
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _open(node: Any) -> Any:
    """Without `additionalProperties: false`: later versions may add fields, and readers must not mind."""
    if isinstance(node, dict):
        return {key: _open(value) for key, value in node.items() if key != "additionalProperties" or value is not False}
    return [_open(value) for value in node] if isinstance(node, list) else node


if __name__ == "__main__":
    print(schema_text(), end="")
