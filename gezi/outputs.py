"""Results on disk: one file a format (CSV: one a table), each written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from extractor.errors import OutputError
from extractor.export import to_csv, to_html, to_json, to_markdown
from extractor.records import to_jsonl, to_parquet, to_records_csv
from extractor.result import Document

FORMATS = ("json", "html", "xlsx", "csv", "md", "records.jsonl", "records.csv", "records.parquet")
TEXT_FORMATS = ("json", "html", "md", "records.jsonl", "records.csv")  # what standard output takes


def as_text(document: Document, kind: str) -> str:
    """The result in one of TEXT_FORMATS."""
    if kind == "html":
        return to_html(document)
    if kind == "md":
        return to_markdown(document)
    if kind == "records.jsonl":
        return to_jsonl(document)
    if kind == "records.csv":
        return to_records_csv(document)
    return to_json(document, indent=1) + "\n"


def write_results(document: Document, folder: Path, stem: str, kinds: tuple[str, ...]) -> list[Path]:
    """Write `folder`/`stem`.json and the like; CSV files are `stem`.t1.csv … Raises OutputError."""
    written = []
    for kind in kinds:
        if kind == "csv":
            for table in document.tables:
                # With a byte order mark, without which Excel takes Chinese text for another encoding.
                content = to_csv(table).encode("utf-8-sig")
                written.append(write_file(folder / f"{stem}.{table.id}.csv", content))
        elif kind == "xlsx":
            from extractor.spreadsheet import to_xlsx

            written.append(write_file(folder / f"{stem}.xlsx", to_xlsx(document)))
        elif kind == "records.parquet":
            written.append(write_file(folder / f"{stem}.records.parquet", to_parquet(document)))
        elif kind == "records.csv":
            content = to_records_csv(document).encode("utf-8-sig", "replace")
            written.append(write_file(folder / f"{stem}.records.csv", content))
        else:
            written.append(write_file(folder / f"{stem}.{kind}", as_text(document, kind).encode("utf-8", "replace")))
    return written


def make_folder(folder: Path) -> None:
    """Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {os.strerror(error.errno or 0)}") from error


def write_file(path: Path, content: bytes) -> Path:
    """Write beside the place and move into it: a reader never sees half a file, a failure leaves none behind."""
    scratch = None
    try:
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".gezi-")
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(scratch, 0o666 & ~mask)
        os.replace(scratch, path)
    except OSError as error:
        if scratch is not None:
            Path(scratch).unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {os.strerror(error.errno or 0)}") from error
    return path
