"""What of a batch is done, in a small file in the folder of its results: whoever runs it again goes on there.

A line is appended, and flushed to the disk, when a document was handed to a server and when it is done. A
line that a crash cut short counts as not written.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from extractor.errors import OutputError
from gezi.intake import Names

NAME = ".gezi-batch.jsonl"
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of one document. `key`: of its name, content and the options; `remote`: its id on a server.

    `files`: its results, once written; `code`, `message`: why there are none and never will be.
    """

    key: str
    label: str
    stem: str
    remote: str | None = None
    files: tuple[str, ...] = ()
    pages: int = 0
    unread: tuple[tuple[int, str, str], ...] = ()
    code: str | None = None
    message: str = ""
    is_done: bool = False


class Journal:
    """`options`: whatever else a result depends on. Raises OutputError."""

    def __init__(self, folder: Path, options: str) -> None:
        self._folder = folder
        self._options = options
        self._noted: dict[str, Noted] = {}
        self.run = secrets.token_hex(8)
        self.names = Names()
        self._read()
        try:
            self._file = (folder / NAME).open("a", encoding="utf-8")
            self._append({"run": self.run})
        except OSError as error:
            raise _ours(error) from error

    def close(self) -> None:
        self._file.close()

    def key(self, label: str, content: Path) -> str:
        """Raises OSError where the content cannot be read."""
        told = hashlib.sha256(f"{label}\0{self._options}\0".encode("utf-8", "surrogatepass"))
        with content.open("rb") as file:
            while block := file.read(BLOCK):
                told.update(block)
        return told.hexdigest()

    def find(self, key: str) -> Noted | None:
        """What an earlier run noted, unless its results are gone meanwhile."""
        noted = self._noted.get(key)
        if noted is None or all((self._folder / name).exists() for name in noted.files):
            return noted
        return None

    def stem_for(self, key: str, filename: str) -> str:
        """The name of a document's results: the one it had in an earlier run, else one that nobody has."""
        noted = self._noted.get(key)
        return self.names.claim(filename) if noted is None else noted.stem

    def note(self, noted: Noted) -> None:
        self._noted[noted.key] = noted
        try:
            self._append(asdict(noted))
        except OSError as error:
            raise _ours(error) from error

    def _append(self, told: dict[str, object]) -> None:
        self._file.write(json.dumps(told, ensure_ascii=True) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> None:
        path = self._folder / NAME
        try:
            text = path.read_text("utf-8") if path.exists() else ""
            if text and not text.endswith("\n"):  # a line cut short must not swallow the next one
                with path.open("a", encoding="utf-8") as file:
                    file.write("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise OutputError(f"{path} cannot be read; remove it to begin anew") from error
        for line in text.splitlines():
            try:
                told = json.loads(line)
            except json.JSONDecodeError:  # cut short by a crash
                continue
            if "run" in told:
                self.run = told["run"]
                continue
            noted = Noted(**told | {"files": tuple(told["files"]), "unread": tuple(map(tuple, told["unread"]))})
            self._noted[noted.key] = noted
            self.names.take(noted.stem)


def _ours(error: OSError) -> OutputError:
    return OutputError(f"the journal cannot be written: {os.strerror(error.errno or 0)}")
