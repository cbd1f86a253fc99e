"""What every room's tests share: the real weights, and no stopwatch on property tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

from extractor.ports import Tools
from gezi.wiring import own_tools
from models import store

# A machine that does something else beside the tests would make time limits of single examples fail.
settings.register_profile("gezi", deadline=None)
settings.load_profile("gezi")


@pytest.fixture(scope="session")
def weights() -> tuple[store.WeightState, ...]:
    """The weights, fetched if this machine does not have them yet."""
    return store.fetch()


@pytest.fixture(scope="session")
def tools(weights: tuple[store.WeightState, ...]) -> Tools:
    """The models that `gezi.extract` uses in this process, loaded once for all tests."""
    return own_tools()
