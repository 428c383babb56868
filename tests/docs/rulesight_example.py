"""The scene of docs/rules.md: h9 carries the puck in, h17 stands at x."""

from typing import Any

import numpy as np

from records.scene import Scene, scene_of


def scene_with_winger_at(x: float, roster: Any = "all", complete: Any = "all") -> Scene:
    """Return 2 s at 30 frames a second; the puck crosses the line after 0.8 s."""
    t = np.arange(61) / 30
    places = {"puck": 10 * t, "h9": 10 * t - 1.5, "h17": 0 * t + x, "a4": 0 * t + 20}
    columns = {
        "t": np.tile(t, 4),
        "entity": np.repeat(list(places), len(t)),
        "kind": np.repeat(["puck", "player", "player", "player"], len(t)),
        "team": np.repeat(np.array([None, "home", "home", "away"], object), len(t)),
        "x": np.concatenate(list(places.values())),
        "y": np.repeat([0.0, 0.0, 8.0, 8.0], len(t)),
        "sigma": np.full(4 * len(t), 0.03),
        "common": np.zeros(4 * len(t)),
    }
    events = {"t": [0.0], "kind": ["possession"], "entity": ["h9"], "until": [2.0], "t_sigma": [0.01]}
    keys = {"schema": 1, "id": "example", "domain": "hockey", "edition": "nhl-2025", "source": "made up"}
    keys |= {"attacks": {"home": "right"}, "roster": {"home": 2, "away": 1} if roster == "all" else roster}
    return scene_of({**keys, "complete": complete}, {"tracks": columns, "events": events})
