"""Compare the cameras that footage is drawn with with published ones: python scripts/compare_cameras.py [COUNT]."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from evaluation import realdata  # noqa: E402
from evaluation.cameras import QUANTITIES, drawn, published, spread  # noqa: E402

if __name__ == "__main__":
    data = realdata.folder()
    if data is None:
        sys.exit(f"no real data: say with {realdata.VARIABLE} where it lies")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    print(f"{'':28}" + "".join(f"{name:>22}" for name in QUANTITIES))
    for domain, poses in published(data).items():
        for whose, found in ((f"{len(poses)} published", poses), (f"{count} drawn", drawn(domain, "sideline", count))):
            values = spread(found, domain)
            told = "".join(f"{f'{low:.1f} {middle:.1f} {high:.1f}':>22}" for low, middle, high in values.values())
            print(f"{domain + ', ' + whose:28}{told}")
