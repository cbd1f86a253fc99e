"""Every setting of the service, read once from GEZI_* and passed on. docs/service.md lists them."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from workers.errors import SettingsWrong
from workers.targets import Networks, parse_networks

PREFIX = "GEZI_"
# Read elsewhere: the weights' folder by models.store, the key by the command line as a client, the others by
# tests and the bench.
OTHERS = frozenset({
    "GEZI_MODELS_DIR", "GEZI_KEY", "GEZI_REFEREE", "GEZI_TEST_EXAMPLES", "GEZI_TEST_POSTGRES", "GEZI_TEST_REDIS",
})  # fmt: skip

MIB = 1 << 20


def _default_processes() -> int:
    return max(1, (os.cpu_count() or 1) // 2)


def _blobs_known(text: str) -> str:
    if "://" in text and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{2,62}(/[A-Za-z0-9._/-]*)?", text):
        raise ValueError("must be a folder or s3://bucket/prefix")
    return text


def _networks_known(text: str) -> str:
    parse_networks(text)
    return text


class Settings(BaseSettings):
    """All that the API and the workers need to know. Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    data: Path = Field(default=Path("~/.local/share/gezi"), description="folder of everything embedded")
    database_url: str = Field(
        default="", description="postgresql+asyncpg://… or sqlite+aiosqlite:///…; default: SQLite in the data folder"
    )
    redis_url: str = Field(
        default="", description="redis://… or unix://…; default: the embedded Redis in the data folder"
    )
    blobs: Annotated[str, AfterValidator(_blobs_known)] = Field(
        default="", description="folder of uploads and results, or s3://bucket/prefix; default: in the data folder"
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="locks document passwords while a job runs; default: made once"
    )
    host: str = Field(
        default="127.0.0.1", description="address the API listens on; any but loopback needs an API key"
    )
    port: int = Field(default=8300, ge=1, le=65535, description="port the API listens on")
    max_upload_bytes: int = Field(default=100 * MIB, ge=1, description="largest document taken")
    max_archive_bytes: int = Field(default=1024 * MIB, ge=1, description="largest archive taken as a batch")
    max_unpacked_bytes: int = Field(default=16 * 1024 * MIB, ge=1, description="what an archive may unpack to")
    max_batch_members: int = Field(default=20_000, ge=1, description="most members of a batch")
    unpack_timeout: float = Field(default=600.0, gt=0, description="for unpacking a part of an archive")
    max_pages: int = Field(default=1000, ge=1, description="most pages of one document that are read")
    max_queue: int = Field(default=10_000, ge=1, description="documents that may wait or run before uploads get 503")
    min_free_bytes: int = Field(
        default=200 * MIB, ge=0, description="room that must be left on the disk, else uploads get 503"
    )
    max_wait: float = Field(default=60.0, ge=0, description="longest ?wait= of a status request")
    extract_seconds: float = Field(default=30.0, ge=0, description="POST /extract answers within so long")
    processes: int = Field(
        default_factory=_default_processes, ge=1, description="model processes of a worker; default: half the cores"
    )
    threads: int = Field(default=2, ge=1, description="threads of each model process")
    niceness: int = Field(
        default=5, ge=0, le=19, description="how far model processes step back for the API and others of the machine"
    )
    turn_pages: int = Field(
        default=4, ge=1, description="pages of one document that are read before others may have their turn"
    )
    open_timeout: float = Field(default=120.0, gt=0, description="for opening a document")
    page_timeout: float = Field(default=300.0, gt=0, description="for one page")
    document_timeout: float = Field(default=7200.0, gt=0, description="for all pages of a document, in working time")
    lease: float = Field(default=30.0, ge=1, description="a worker that is not heard of for so long has lost its job")
    max_losses: int = Field(default=3, ge=1, description="lost workers after which a job is closed as failed")
    recycle_pages: int = Field(default=500, ge=1, description="pages after which a model process is replaced")
    recycle_bytes: int = Field(default=3072 * MIB, ge=1, description="memory past which a model process is replaced")
    drain: float = Field(default=60.0, ge=0, description="for pages under way when a worker is told to stop")
    retention_days: float = Field(
        default=0.0, ge=0, description="days after whose work ended documents are erased by themselves; 0: never"
    )
    page_picture_dpi: float = Field(
        default=100.0, ge=0, le=300, description="dots an inch of the pages' stored pictures; 0: none are stored"
    )
    callback_networks: Annotated[str, AfterValidator(_networks_known)] = Field(
        default="", description="networks that callbacks may reach besides public addresses, such as 10.1.0.0/16, ::1"
    )
    callback_attempts: int = Field(default=10, ge=1, description="attempts at a callback before it is given up")
    callback_timeout: float = Field(default=10.0, gt=0, le=300, description="for one attempt at a callback")
    callback_backoff: float = Field(
        default=10.0, gt=0, description="before a callback's second attempt, thrice as long before each further one"
    )

    @property
    def reachable_networks(self) -> Networks:
        return parse_networks(self.callback_networks)

    @property
    def is_loopback(self) -> bool:
        """Whether the API can be reached from this machine only."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def data_dir(self) -> Path:
        return self.data.expanduser().absolute()

    @property
    def blobs_dir(self) -> Path:
        return Path(self.blobs).expanduser().absolute() if self.blobs else self.data_dir / "blobs"

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'gezi.db'}"


def load_settings() -> Settings:
    """The settings of this process's environment. Raises SettingsWrong, naming every wrong or unknown one."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OTHERS
    unknown = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    if unknown:
        raise SettingsWrong(f"unknown setting: {', '.join(unknown)}")
    try:
        return Settings()
    except ValidationError as error:
        # The values stay out of the message: one of them may be a key.
        wrong = [f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsWrong("; ".join(wrong)) from None
