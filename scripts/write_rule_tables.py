"""Write docs/rulebooks.md from the rules, the editions and the scenarios: python scripts/write_rule_tables.py."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from records.files import write_text  # noqa: E402
from review.rule_tables import page, scenarios  # noqa: E402


def main() -> None:
    """Write the page."""
    path = ROOT / "docs" / "rulebooks.md"
    write_text(path, page(scenarios(ROOT / "tests" / "scenarios")))
    print(path)


if __name__ == "__main__":
    main()
