from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq

from gezi.outputs import FORMATS, TEXT_FORMATS, as_text, write_results
from tests.handmade import document, merged_table
from workers.exports import Format, render


def test_every_format_is_written_with_its_ending(tmp_path: Path) -> None:
    written = write_results(document(merged_table()), tmp_path, "预算", FORMATS)
    assert [path.name for path in written] == [
        "预算.json", "预算.html", "预算.xlsx", "预算.t1.csv", "预算.md",
        "预算.records.jsonl", "预算.records.csv", "预算.records.parquet",
    ]  # fmt: skip
    assert [json.loads(line)["value"] for line in written[5].read_text("utf8").splitlines()] == ["1728.90", "-5.00"]
    assert pq.read_table(written[7]).num_rows == 2


def test_text_formats_go_to_standard_output() -> None:
    for kind in TEXT_FORMATS:
        assert "1728.90" in as_text(document(merged_table()), kind) or kind in ("html", "md")


def test_the_service_knows_the_same_formats() -> None:
    assert {str(wanted) for wanted in Format} == set(FORMATS)
    one = render(document(merged_table()), Format.RECORDS_PARQUET)
    assert (one.media_type, one.ending) == ("application/vnd.apache.parquet", "records.parquet")
    assert one.content[:4] == b"PAR1"
