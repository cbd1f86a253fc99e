"""The real weights, fetched once if this machine does not have them yet."""

from __future__ import annotations

import pytest

from extractor.ports import Tools
from models import store
from models.tools import load_tools


@pytest.fixture(scope="session")
def weights() -> tuple[store.WeightState, ...]:
    return store.fetch()


@pytest.fixture(scope="session")
def tools(weights: tuple[store.WeightState, ...]) -> Tools:
    return load_tools()
