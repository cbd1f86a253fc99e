"""The Dockerfile's steps without a container engine: in an empty folder and virtual environment, as a plain user.

    python -m tools.image_check [--keep]

Absolute paths of the image (/opt/gezi, /src, /data) become paths of the folder. At the end `gezi serve` runs from
there with the image's settings, its health check is asked, and a sample is read over HTTP. What only a container
engine can show is listed. Run as root it steps down to the user "nobody".
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.dockerfile import Instruction, ignore_patterns, instructions, is_sent, settings_of

ROOT = Path(__file__).parent.parent
OWN_PATHS = ("/opt/gezi", "/src", "/data")
SYSTEM_PYTHON = "/usr/bin/python3.11"  # Debian's: one under somebody's home a plain user may not enter
NOBODY = 65534
READY = 240.0  # seconds for the models to load and the page to be read
NOT_CHECKED = (
    "that python:3.11-slim-bookworm has what the packages need (here: Debian's Python {python})",
    "that the image builds layer by layer, its size, and a build for another processor",
    "compose.yaml beyond its syntax and settings: networks, volumes, PostgreSQL and Redis as containers",
    "the image's health check as the engine asks it (its command was run here)",
)


@dataclass
class Build:
    folder: Path
    plain_user: bool
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"

    def inside(self, text: str) -> str:
        """The image's paths as paths of the folder."""
        for path in OWN_PATHS:
            text = text.replace(path, f"{self.folder}{path}")
        return text

    def place(self, path: str) -> Path:
        return Path(self.inside(path if path.startswith("/") else f"{self.workdir}/{path}"))

    def variables(self) -> dict[str, str]:
        base = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}
        # How packages are reached from here (a mirror, its certificate) is this machine's matter.
        base |= {
            k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_", "REQUESTS_")) or k.endswith("_proxy")
        }
        return base | {name: self.inside(value) for name, value in self.environment.items()}

    def command(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        user = NOBODY if self.plain_user else None
        return subprocess.Popen(
            words,
            cwd=self.place(self.workdir),
            env=self.variables(),
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if self.plain_user else None,
        )

    def run(self, words: Sequence[str]) -> int:
        return self.command(words).wait()


def take(build: Build, one: Instruction, sent: Sequence[Path]) -> str | None:
    """Do one instruction; what could not be done of it."""
    if one.word == "WORKDIR":
        build.workdir = one.rest
        _own(build, build.place(one.rest))
    elif one.word == "ENV":
        build.environment |= settings_of([one])
    elif one.word == "COPY" and "--from=" not in one.rest:
        *sources, target = one.rest.split()
        _copy(build, sources, build.place(target), sent)
    elif one.word == "RUN" and one.rest.startswith("useradd"):
        _own(build, build.place("/data"))
        return f"RUN {one.rest}"
    elif one.word == "RUN":
        command = build.inside(one.rest).replace("python -m venv", f"{SYSTEM_PYTHON} -m venv")
        print(f"RUN {one.rest}", flush=True)
        if build.run(["sh", "-c", command]) != 0:
            raise SystemExit(f"image_check: this step failed: {one.rest}")
    elif one.word in ("FROM", "VOLUME", "EXPOSE", "USER"):
        return f"{one.word} {one.rest}"
    return None


def _own(build: Build, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if build.plain_user:
        os.chown(folder, NOBODY, NOBODY)


def _copy(build: Build, sources: Sequence[str], target: Path, sent: Sequence[Path]) -> None:
    for source in sources:
        files = [path for path in sent if path == Path(source) or Path(source) in path.parents]
        if not files:
            raise SystemExit(f"image_check: COPY {source}: nothing of it is sent to the builder (.dockerignore)")
        for path in files:
            place = target / path.relative_to(source) if path != Path(source) else target / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, place)
    if build.plain_user:
        for path in (target, *target.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


def serve(build: Build, found: Sequence[Instruction]) -> None:
    """Run the image's own command and ask it. Raises SystemExit where it does not work."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The image listens everywhere, which needs a key; here loopback is enough.
    build.environment |= {"GEZI_HOST": "127.0.0.1", "GEZI_PORT": str(port)}
    words = [
        word for name in ("ENTRYPOINT", "CMD") for one in found if one.word == name for word in json.loads(one.rest)
    ]
    health = next(one.rest for one in found if one.word == "HEALTHCHECK").split(" CMD ", 1)[1]
    program = build.inside("/opt/gezi/bin/") + words[0]
    process = build.command([program, *words[1:]])
    try:
        _until(lambda: build.run([program, *json.loads(health)[1:]]) == 0, "its health check")
        sample = (ROOT / "samples" / "scan.pdf").read_bytes()
        told = _ask(f"http://127.0.0.1:{port}/v1/documents", sample)
        address = f"http://127.0.0.1:{port}/v1/documents/{told['id']}"
        _until(lambda: _ask(address)["state"] not in ("queued", "running"), "the sample to be read")
        if not _ask(f"{address}/result")["tables"]:
            raise SystemExit("image_check: the sample came back without a table")
        _until(lambda: build.run([program, "health", "--worker"]) == 0, "the worker's health check")
        print("served: health checks answered, samples/scan.pdf gave its table")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def _ask(url: str, content: bytes | None = None) -> dict[str, object]:
    request = urllib.request.Request(url, content, {"Content-Type": "application/pdf"} if content else {})
    with urllib.request.urlopen(request, timeout=30) as answer:
        told: dict[str, object] = json.load(answer)
    return told


def _until(met: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + READY
    while not met():
        if time.monotonic() > end:
            raise SystemExit(f"image_check: waited in vain for {what}")
        time.sleep(1.0)


def check(folder: Path) -> None:
    build = Build(folder, plain_user=os.geteuid() == 0)
    _own(build, folder)
    found = instructions((ROOT / "Dockerfile").read_text())
    patterns = ignore_patterns((ROOT / ".dockerignore").read_text())
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    sent = [Path(name) for name in listed.split("\0") if name and is_sent(name, patterns)]
    for path in OWN_PATHS:
        _own(build, Path(build.inside(path)).parent)
    skipped = [said for one in found if (said := take(build, one, sent))]
    serve(build, found)
    python = subprocess.run([SYSTEM_PYTHON, "-V"], capture_output=True, text=True, check=True).stdout.split()[-1]
    print("not checked, for want of a container engine:")
    for line in (*(text.format(python=python) for text in NOT_CHECKED), *skipped):
        print(f"  {line}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.image_check", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    told = parser.parse_args(arguments)
    if not Path(SYSTEM_PYTHON).exists():
        raise SystemExit("image_check: Debian's python3.11 is needed: apt-get install python3.11 python3.11-venv")
    folder = Path(tempfile.mkdtemp(prefix="gezi-image-"))
    try:
        check(folder)
    finally:
        if told.keep:
            print(f"left: {folder}")
        else:
            shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
