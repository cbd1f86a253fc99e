"""The fitted calibration: data in `confidence.json`, made by `make calibrate`, checked before it is used."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from pydantic import TypeAdapter, ValidationError

from extractor.errors import ModelDamaged, ModelMissing
from extractor.trust.calibration import Calibration, faults

NAME = "confidence.json"


@cache
def calibration() -> Calibration:
    """The calibration that this version was fitted with. Raises ModelMissing or ModelDamaged."""
    return read(resources.files("models").joinpath(NAME))


def read(file: Traversable) -> Calibration:
    """A calibration from its JSON. Raises ModelMissing or ModelDamaged, with what is wrong with it."""
    try:
        body = file.read_bytes()
    except OSError:
        raise ModelMissing(f"the calibration {file.name} cannot be read; install Gezi anew") from None
    try:
        given = TypeAdapter(Calibration).validate_json(body)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors()[0]["loc"])
        raise ModelDamaged(f"the calibration {file.name} is damaged at {where or 'its start'}") from None
    if wrong := faults(given):
        raise ModelDamaged(f"the calibration {file.name} cannot be used: {wrong[0]}")
    return given
