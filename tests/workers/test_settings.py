"""Settings: read from the environment, unknown ones refused, and docs/service.md tells the truth about them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from workers.errors import SettingsWrong
from workers.locker import KEY_FILE, Locker, open_locker
from workers.settings import Settings, load_settings

DOCS = Path(__file__).parents[2] / "docs" / "service.md"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEZI_DATA", str(tmp_path))
    monkeypatch.setenv("GEZI_PROCESSES", "3")
    settings = load_settings()
    assert settings.processes == 3
    assert settings.database == f"sqlite+aiosqlite:///{tmp_path / 'gezi.db'}"
    assert settings.blobs_dir == tmp_path / "blobs"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEZI_PROCESES", "3"), ("GEZI_PROCESSES", "none"), ("GEZI_PORT", "0"), ("GEZI_BLOBS", "s3://b"),
        ("GEZI_BLOBS", "ftp://bucket"), ("GEZI_CALLBACK_NETWORKS", "10.0.0.0/99"),
    ],
)
def test_wrong_and_unknown_settings_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsWrong, match=name):
        load_settings()


def test_a_wrong_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZI_LEASE", "s3cret")
    with pytest.raises(SettingsWrong) as caught:
        load_settings()
    assert "s3cret" not in caught.value.message


def test_the_documented_settings_are_the_code_s() -> None:
    rows = re.findall(r"^\| `(GEZI_\w+)` \| (.*?) \| (.*?) \|$", DOCS.read_text("utf-8"), re.M)
    told = {name: (default.strip("`"), text) for name, default, text in rows}
    real = {}
    for name, field in Settings.model_fields.items():
        default = "" if field.default is PydanticUndefined else field.default
        shown = default.get_secret_value() if name == "secret_key" else default
        real[f"GEZI_{name.upper()}"] = (f"{shown:g}" if isinstance(shown, float) else str(shown), field.description)
    assert told == real


def test_the_own_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    locked = open_locker(settings).lock("密码")
    assert "密码" not in locked.decode("latin-1")
    assert open_locker(settings).unlock(locked) == "密码"
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingsWrong):
        Locker("x" * 40).unlock(locked)
    with pytest.raises(SettingsWrong):
        open_locker(Settings(data=tmp_path, secret_key="short"))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.org", ""])
def test_other_addresses_are_not_loopback(host: str) -> None:
    assert not Settings(host=host).is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_is_known(host: str) -> None:
    assert Settings(host=host).is_loopback
