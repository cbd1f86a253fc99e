"""The service's log: one JSON line an event on standard error, with ids and figures, never a document's text."""

from __future__ import annotations

import json
import logging
import sys
import time

_FIELDS = "gezi_fields"


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        fields = getattr(record, _FIELDS, None)
        if isinstance(fields, dict):
            line.update(fields)
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def say(logger: logging.Logger, event: str, level: int = logging.INFO, /, **fields: object) -> None:
    """Log `event` with its fields."""
    logger.log(level, event, extra={_FIELDS: fields})


def start_logging() -> None:
    """Send this process's log to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("uvicorn.access", "arq", "alembic", "aiosqlite", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
