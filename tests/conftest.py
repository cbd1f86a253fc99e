"""What every room's tests share: the real weights, and no stopwatch on property tests."""

from __future__ import annotations

import ctypes
import platform
import sys

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


# Some native library sets the processor to flush subnormal numbers to zero in the thread that runs it; hypothesis
# then refuses to draw floats near zero in every later test. glibc's default environment (FE_DFL_ENV) is -1.
_FENV = ctypes.CDLL("libm.so.6") if sys.platform == "linux" and platform.machine() == "x86_64" else None


@pytest.fixture(autouse=True)
def ieee_arithmetic() -> None:
    """Every test begins with the arithmetic of the standard, whatever ran before it."""
    if _FENV is not None:
        _FENV.fesetenv(ctypes.c_void_p(-1))
