"""Render the embedded example anew: python scripts/render_demo.py [FOLDER], by default rulesight/examples/demo.

The same as `rulesight simulate play=demo`.
"""

import sys
from pathlib import Path

from rulesight.cli import run

FOLDER = Path(__file__).parents[1] / "rulesight" / "examples" / "demo"

if __name__ == "__main__":
    folder = sys.argv.pop(1) if len(sys.argv) > 1 else FOLDER
    run("simulate", "play=demo", f"out={folder}")
