"""Draw docs/renders, a sheet of frames per sport and camera, from drawn plays: python scripts/draw_renders.py."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from review.renders import write_sheets  # noqa: E402

if __name__ == "__main__":
    for path in write_sheets(ROOT / "docs" / "renders", sys.argv[1:]):
        print(path)
