"""The field that a run is about, from the plain values that stages carry in their configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ontologies import registry
from ontologies.field import Field
from records.scene import parse_field


def field_from(config: Mapping[str, Any]) -> Field:
    """Return the field of ``{domain, edition, field: {preset, length_m, width_m}}``.

    Raises:
        InputError: an unknown domain, edition or preset, or a size that is not allowed.
    """
    return registry.field(config["domain"], parse_field(config["field"], "field"), config["edition"])


def field_rise(field: Field) -> Callable[[ArrayLike, ArrayLike], NDArray[np.float64]]:
    """Return the shape of a field's crown: height at (x, y) for a crown of 1 m."""
    return field.with_crown(1.0).surface
