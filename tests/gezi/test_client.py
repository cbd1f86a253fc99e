"""`gezi submit` and `gezi batch` as a user meets them, against a real service on a socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from extractor.errors import DamagedDocument, GeziError
from extractor.result import Document
from gezi import following, remote
from gezi.cli import main
from gezi.errors import KeyRefused, ServerAway, ServerBusy, ServerRefused, error_of
from gezi.exits import INTERRUPTED, PARTIAL, USAGE
from gezi.journal import NAME, Journal, Noted
from gezi.progress import failure_table
from gezi.remote import Server
from tests.databases import fresh_database
from tests.gezi.served import Served, service
from tests.paper import WIDTH, filled_table, save

TABLE = filled_table([50, 150, WIDTH - 50], [100, 130, 160, 190])
RAR = b"Rar!\x1a\x07\x00 and so on"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with fresh_database(tmp_path / "db") as url, service(tmp_path / "service", url) as running:
        yield running


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Two documents that are one by content, one of two pages, one that is none, and something else."""
    folder = tmp_path / "收件"
    folder.mkdir()
    save(folder / "甲.pdf", TABLE)
    save(folder / "乙.pdf", TABLE, TABLE)
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7 garbage")
    (folder / "notes.txt").write_bytes(b"x")
    return folder


def _documents(served: Served) -> list[dict[str, object]]:
    found: list[dict[str, object]] = httpx.get(f"{served.url}/v1/documents", params={"limit": 200}).json()["documents"]
    return found


def test_submit_prints_what_scripts_need(served: Served, inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["submit", str(inbox / "甲.pdf"), "--server", served.url + "/", "--tag", "a", "--tag", "b"]) == 0
    kind, its_id, state, url, label = capsys.readouterr().out.strip().split("\t")
    assert (kind, state, label) == ("document", "queued", str(inbox / "甲.pdf"))
    shown = httpx.get(url).json()
    assert (shown["id"], shown["filename"], shown["tags"]) == (its_id, "甲.pdf", ["a", "b"])


def test_repair_off_reaches_the_server_and_makes_another_batch(served: Served, inbox: Path, tmp_path: Path) -> None:
    main(["submit", str(inbox / "甲.pdf"), "--server", served.url, "--repair", "off"])
    out = tmp_path / "out"
    command = ["batch", str(inbox / "甲.pdf"), "--server", served.url, "--out", str(out), "--quiet"]
    assert main(command) == 0
    assert main([*command, "--repair", "off"]) == 0
    assert [document["options"]["repair"] for document in _documents(served)] == ["off", "on", "off"]


def test_submit_waits_and_brings_results_of_documents_and_archives(
    served: Served, inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(inbox / "市.zip", "w") as archive:
        archive.write(inbox / "乙.pdf", "内/丙.pdf")
        archive.writestr("内/旧.rar", RAR)
        archive.writestr("内/readme.txt", "x")
    out = tmp_path / "out"
    assert main(["submit", str(inbox), "--server", served.url, "--out", str(out), "--format", "json,xlsx"]) == PARTIAL
    told = capsys.readouterr()
    assert [line.split("\t")[0] for line in told.out.splitlines()].count("batch") == 1
    assert {p.name for p in out.iterdir()} == {f"{stem}.{end}" for stem in "甲乙丙" for end in ("json", "xlsx")}
    found = Document.model_validate_json((out / "乙.json").read_text("utf-8"))
    assert [page.number for page in found.pages] == [1, 2]
    assert "2 of 5 documents not read" in told.err
    assert "坏.pdf" in told.err
    assert "damaged_document" in told.err
    assert "内/旧.rar" in told.err
    assert "unsupported:" in told.err
    assert "2 other file(s)" in told.err


def test_batch_on_a_server_goes_on_after_an_interruption_without_uploading_again(
    served: Served, inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    command = ["batch", str(inbox), "--server", served.url, "--out", str(out), "--format", "json,csv"]
    looks: list[int] = []

    def interrupted(self: following.Follower) -> None:
        looks.append(len(self._open))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(following.Follower, "_look", interrupted)
        assert main(command) == INTERRUPTED
    assert "goes on from there" in capsys.readouterr().err
    uploaded = {document["id"] for document in _documents(served)}
    assert len(uploaded) == 3
    assert main(command) == PARTIAL
    assert {document["id"] for document in _documents(served)} == uploaded
    written = {p.name for p in out.iterdir()}
    assert written >= {NAME, "甲.json", "乙.json", "甲.t1.csv", "乙.t1.csv"}
    assert not any(name.startswith("坏") for name in written)
    told = capsys.readouterr().err
    assert "damaged_document" in told
    # A third time: everything is done, nothing is asked for, and the failure is told all the same.
    before = {p.name: p.stat().st_mtime_ns for p in out.iterdir() if p.name != NAME}
    assert main(command) == PARTIAL
    told = capsys.readouterr().err
    assert "3 document(s) were done by an earlier run" in told
    assert "damaged_document" in told
    assert {p.name: p.stat().st_mtime_ns for p in out.iterdir() if p.name != NAME} == before
    assert {document["id"] for document in _documents(served)} == uploaded


def test_batch_uploads_again_what_was_deleted_and_writes_again_what_is_gone(
    served: Served, inbox: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = ["batch", str(inbox / "甲.pdf"), "--server", served.url, "--out", str(out), "--quiet"]
    assert main(command) == 0
    (out / "甲.json").unlink()
    assert main(command) == 0
    assert (out / "甲.json").exists()
    assert len(_documents(served)) == 1
    for document in _documents(served):
        httpx.delete(f"{served.url}/v1/documents/{document['id']}")
    (out / "甲.json").unlink()
    assert main(command) == 0
    assert (out / "甲.json").exists()


def test_pages_that_a_server_could_not_read_are_listed(
    served: Served, inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served.plan.write_text('{"2": "unreadable"}')
    assert main(["batch", str(inbox / "乙.pdf"), "--server", served.url, "--out", str(tmp_path / "o")]) == PARTIAL
    assert "page 2 not read" in capsys.readouterr().err


def _cli(*args: str) -> subprocess.Popen[str]:
    # SIGINT is heeded even where whoever runs these tests ignores it, which children inherit.
    program = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "from gezi.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen([sys.executable, "-c", program, *args], stderr=subprocess.PIPE, text=True)


def test_a_local_batch_interrupted_goes_on_behind_what_is_done(tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out"
    inbox.mkdir()
    for n in range(12):
        save(inbox / f"{n:02d}.pdf", *[TABLE] * 3)
    first = _cli("batch", str(inbox), "--out", str(out))
    try:
        _until(lambda: len(_noted(out)) >= 2)  # a result is there a moment before it is noted
        first.send_signal(signal.SIGINT)
        _, told = first.communicate(timeout=60)
    finally:
        first.kill()
    assert first.returncode == INTERRUPTED, told
    assert "Traceback" not in told
    done = {p: p.stat().st_mtime_ns for p in out.glob("*.json")}
    noted = _noted(out)
    assert 2 <= len(noted) < 12
    (inbox / "00a.pdf").write_bytes(b"")  # a newcomer in between changes no name
    second = _cli("batch", str(inbox), "--out", str(out))
    _, told = second.communicate(timeout=300)
    assert second.returncode == PARTIAL, told
    assert f"{len(noted)} document(s) were done by an earlier run" in told
    assert {p.name for p in out.glob("*.json")} == {f"{n:02d}.json" for n in range(12)}
    kept = [p for p, at in done.items() if p.stat().st_mtime_ns == at]
    assert len(kept) >= len(noted)


def _noted(out: Path) -> list[str]:
    """The journal's lines of documents that are done; a last one may still be in writing."""
    lines = (out / NAME).read_text().splitlines(keepends=True) if (out / NAME).exists() else []
    return [line for line in lines if line.endswith("\n") and json.loads(line).get("is_done")]


def _until(met: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_other_options_are_another_batch(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-")
    keys = set()
    for options in ("1", "2"):
        journal = Journal(tmp_path, options)
        keys.add(journal.key("a.pdf", tmp_path / "a.pdf"))
        journal.close()
    assert len(keys) == 2


def test_a_journal_cut_short_is_read_up_to_there_and_written_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "")
    (tmp_path / "一.json").write_text("{}")
    unread = ((2, "timed_out", "it took too long"),)
    done = Noted("k1", "a/一.pdf", "一", files=("一.json",), pages=2, unread=unread, is_done=True)
    journal.note(done)
    journal.note(Noted("k2", "b.pdf", "b", remote="7"))
    journal.close()
    whole = (tmp_path / NAME).read_bytes()
    for cut in (len(whole), len(whole) - 1, len(whole) - 20):
        (tmp_path / NAME).write_bytes(whole[:cut])
        again = Journal(tmp_path, "")
        assert (again.run, again.find("k1")) == (journal.run, done)
        again.note(Noted("k3", "c.pdf", "c"))
        again.close()
        last = Journal(tmp_path, "")
        assert last.find("k3") is not None
        assert (last.find("k2") is None) == (cut == len(whole) - 20)
        assert last.stem_for("k1", "anything.pdf") == "一"
        assert last.stem_for("k9", "一.pdf") == "一-2"
        last.close()
    (tmp_path / "一.json").unlink()
    gone = Journal(tmp_path, "")
    assert gone.find("k1") is None
    gone.close()


class _Scripted(BaseHTTPRequestHandler):
    """Answers what it is told, one answer a request; the last one for ever."""

    answers: list[tuple[int, dict[str, str], bytes]]
    asked: list[float]

    def do_GET(self) -> None:
        self.asked.append(time.monotonic())
        status, headers, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


DONE = json.dumps({"id": "7", "state": "succeeded", "pages": {"done": 1, "total": 1}, "error": None}).encode()


def _problem(status: int, code: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, told, json.dumps({"code": code, "detail": "why", "status": status}).encode()


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[str, list[float]]]]:
    servers = []

    def start(*answers: tuple[int, dict[str, str], bytes]) -> tuple[str, list[float]]:
        handler = type("Handler", (_Scripted,), {"answers": list(answers), "asked": []})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", handler.asked  # type: ignore[attr-defined]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [429, 503])
def test_not_now_is_asked_again_when_the_server_says(
    scripted: Callable[..., tuple[str, list[float]]], status: int
) -> None:
    busy = _problem(status, "busy", Retry_After="1")
    url, asked = scripted(busy, busy, (200, {}, DONE))
    with Server(url, None) as server:
        assert server.document("7").state == "succeeded"
    assert len(asked) == 3
    assert min(asked[1] - asked[0], asked[2] - asked[1]) >= 0.95


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_problem(503, "queue_full", Retry_After="0"), ServerBusy),
        (_problem(401, "key_wrong"), KeyRefused),
        (_problem(404, "not_found"), ServerRefused),
        (_problem(500, "internal"), GeziError),
        (_problem(422, "damaged_document"), DamagedDocument),
        ((200, {}, b"<html>welcome</html>"), ServerAway),
        ((200, {}, b"{}"), ServerAway),
        ((404, {}, b"<html>nothing here</html>"), ServerAway),
        ((302, {"Location": "/login"}, b""), ServerAway),
    ],
)
def test_answers_become_typed_errors(
    scripted: Callable[..., tuple[str, list[float]]], answer: tuple[int, dict[str, str], bytes], error: type[GeziError]
) -> None:
    url, _ = scripted(answer)
    with Server(url, None, patience=0.2) as server, pytest.raises(error) as caught:
        server.document("7")
    assert type(caught.value) is error


def test_a_server_that_is_away_or_refuses_ends_with_its_own_code_and_one_line(
    inbox: Path, tmp_path: Path, scripted: Callable[..., tuple[str, list[float]]],
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(remote, "FIRST_PAUSE", 0.01)
    out = str(tmp_path / "out")
    for url in ("http://127.0.0.1:9", "http://127.0.0.1:notaport", "ftp://example.org", "nonsense", ""):
        if url:
            assert main(["submit", str(inbox), "--server", url]) == ServerAway.exit_code
        else:
            assert main(["submit", str(inbox), "--server", " "]) == ServerAway.exit_code
        told = capsys.readouterr()
        assert (told.out, len(told.err.splitlines())) == ("", 1), told
    assert main(["batch", str(inbox), "--server", "http://127.0.0.1:9", "--out", out]) == ServerAway.exit_code
    with pytest.raises(SystemExit) as caught:
        main(["submit", str(inbox)])
    assert caught.value.code == USAGE


def test_a_refused_key_is_told_as_such(served: Served, inbox: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["submit", str(inbox / "甲.pdf"), "--server", served.url, "--key", "gezi_wrong"]
    assert main(command) == KeyRefused.exit_code
    told = capsys.readouterr().err
    assert "key_refused" in told
    assert "gezi_wrong" not in told


def test_errors_by_code_are_those_of_this_side() -> None:
    assert type(error_of("damaged_document", "x")) is DamagedDocument
    other = error_of("some_new_code", "x")
    assert (type(other), other.message) == (ServerRefused, "x (some_new_code)")


def test_failures_stand_in_columns_that_chinese_names_do_not_bend() -> None:
    lines = failure_table([("预算.pdf", DamagedDocument("broken")), ("b.pdf", DamagedDocument("broken"))])
    columns = [sum(2 if c > "\u2e80" else 1 for c in line[: line.index("broken")]) for line in lines]
    assert columns[0] == columns[1]
    (long,) = failure_table([("长" * 100 + ".pdf", DamagedDocument("x"))])
    assert "….pdf" not in long
    assert "…" in long


def test_help_names_the_commands() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "gezi.cli", "--help"], capture_output=True, text=True, check=True, env={**os.environ}
    ).stdout
    assert "submit" in shown
    assert "batch" in shown
