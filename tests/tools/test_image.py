"""Dockerfile and compose.yaml agree with the code: commands parse, settings exist, files are sent, ports match."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gezi.cli import make_parser
from tools.dockerfile import Instruction, ignore_patterns, instructions, is_sent, settings_of
from workers.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
SECRETS = {"POSTGRES_PASSWORD": "p" * 32, "S3_PASSWORD": "s" * 32, "GEZI_SECRET_KEY": "k" * 64}
FOUND = instructions((ROOT / "Dockerfile").read_text())
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
GEZI_SERVICES = {name: told for name, told in COMPOSE["services"].items() if told["image"] == "gezi"}


def _one(word: str) -> str:
    return [one.rest for one in FOUND if one.word == word][-1]


def _environment(service: dict[str, Any]) -> dict[str, str]:
    def known(match: re.Match[str]) -> str:
        return SECRETS[match[1]]

    return {name: re.sub(r"\$\{(\w+):\?[^}]*\}", known, value) for name, value in service["environment"].items()}


def _load(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_instructions_are_read_over_lines_and_comments() -> None:
    text = '# a\nFROM x AS y\nRUN a && \\\n    # why\n    b\n\nenv A=1 B="2"\n'
    found = instructions(text)
    assert found == [Instruction("FROM", "x AS y"), Instruction("RUN", "a && b"), Instruction("ENV", 'A=1 B="2"')]
    assert settings_of(found) == {"A": "1", "B": "2"}


def test_the_builder_gets_what_is_copied_and_no_more() -> None:
    patterns = ignore_patterns((ROOT / ".dockerignore").read_text())
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    sent = {name for name in listed.stdout.splitlines() if is_sent(name, patterns)}
    assert {"requirements.lock", "gezi/cli.py", "models/manifest.toml", "workers/migrations/env.py"} <= sent
    assert {name.split("/")[0] for name in sent if "/" in name} == {"gezi", "extractor", "models", "workers", "api"}
    assert not is_sent("gezi/__pycache__/cli.pyc", patterns)
    assert not is_sent(".env", patterns)
    sources = [
        name for one in FOUND if one.word == "COPY" and "--from" not in one.rest for name in one.rest.split()[:-1]
    ]
    for source in sources:
        assert source in sent or any(name.startswith(f"{source}/") for name in sent), source


def test_the_image_s_settings_and_commands_are_the_code_s(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _load(settings_of(FOUND), monkeypatch)
    assert settings.host == "0.0.0.0"
    assert str(settings.port) == _one("EXPOSE")
    assert str(settings.data) == _one("VOLUME")
    assert _one("USER") not in ("root", "0")
    entry, command = json.loads(_one("ENTRYPOINT")), json.loads(_one("CMD"))
    assert entry == ["gezi"]
    assert make_parser().parse_args(command).part == "serve"
    health = json.loads(_one("HEALTHCHECK").split(" CMD ", 1)[1])
    assert health[0] == "gezi"
    assert make_parser().parse_args(health[1:]).worker is False


def test_compose_runs_an_api_and_two_workers_with_settings_that_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(GEZI_SERVICES) == {"api", "worker"}
    assert GEZI_SERVICES["worker"]["deploy"]["replicas"] == 2
    for name, service in GEZI_SERVICES.items():
        assert make_parser().parse_args(service["command"]).part == name
        settings = _load(settings_of(FOUND) | _environment(service), monkeypatch)
        servers = COMPOSE["services"]
        assert settings.database_url.split("@")[1].split(":")[0] in servers
        assert settings.redis_url.split("/")[2].split(":")[0] in servers
        assert settings.blobs.startswith("s3://")
        assert _environment(service)["AWS_ENDPOINT_URL"].split("/")[2].split(":")[0] in servers
        assert set(service["depends_on"]) <= set(servers)
    published = [port.split(":")[-1] for port in GEZI_SERVICES["api"]["ports"]]
    assert published == [_one("EXPOSE")]
    assert make_parser().parse_args(GEZI_SERVICES["worker"]["healthcheck"]["test"][2:]).worker is True
    assert "yes" in COMPOSE["services"]["redis"]["command"]
    bucket = COMPOSE["services"]["bucket"]["entrypoint"][-1].split("/")[1]
    assert _environment(GEZI_SERVICES["api"])["GEZI_BLOBS"] == f"s3://{bucket}"


def test_every_volume_of_compose_is_declared() -> None:
    used = {volume.split(":")[0] for told in COMPOSE["services"].values() for volume in told.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])
