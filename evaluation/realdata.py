"""Where the private real test data lies; nothing may depend on its being there."""

import os
from pathlib import Path

VARIABLE = "RULESIGHT_TEST_DATA"
DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"  # beside the checkout


def folder() -> Path | None:
    """Return the folder that ``RULESIGHT_TEST_DATA`` names, else ``../shared/data``; None where there is none."""
    given = os.environ.get(VARIABLE)
    path = Path(given) if given else DEFAULT
    return path if path.is_dir() else None
