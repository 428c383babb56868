"""What undecided calls have in common, rule by rule: python scripts/undecided.py FOLDER.

The folder has calls.json in or below it: what `rulesight judge` or `scripts/evaluate.py` wrote with out=FOLDER.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from evaluation.undecided import breakdown  # noqa: E402
from records.errors import InputError  # noqa: E402


def main() -> int:
    """Print the tables; 2 where there is nothing to count."""
    if len(sys.argv) != 2:
        print("name one folder with calls", file=sys.stderr)
        return 2
    try:
        print(breakdown(Path(sys.argv[1])))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
