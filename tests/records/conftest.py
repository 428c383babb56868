import numpy as np
import pytest


@pytest.fixture
def keys():
    """The six required keys of scene.yaml."""
    return {
        "schema": 1,
        "id": "demo-0001",
        "domain": "hockey",
        "edition": "nhl-2025",
        "attacks": {"home": "right", "away": "left"},
        "source": "test",
    }


@pytest.fixture
def tracks():
    """Two skaters and a puck at two instants, in order."""
    return {
        "t": [0.0, 0.0, 0.0, 0.1, 0.1, 0.1],
        "entity": ["a1", "h1", "puck"] * 2,
        "kind": ["player", "player", "puck"] * 2,
        "team": ["away", "home", None] * 2,
        "x": np.arange(6.0),
        "y": np.zeros(6),
        "observed": [True, None, False, True, True, True],
    }
