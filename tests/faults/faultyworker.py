"""`gezi worker` with a desk that fails as a plan says: python -m tests.faults.faultyworker PLAN."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.workers.faulty import MakeFaultyDesk
from workers.events import start_logging
from workers.host import work
from workers.settings import load_settings

if __name__ == "__main__":
    start_logging()
    asyncio.run(work(load_settings(), MakeFaultyDesk(Path(sys.argv[1]))))
