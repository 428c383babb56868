"""Draw docs/fields and the tables of docs/fields.md from the ontologies: python scripts/draw_fields.py."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from records.files import read_text, write_text  # noqa: E402
from review.field_pictures import all_pictures, filled_in  # noqa: E402


def main() -> None:
    """Write every picture, and the tables of docs/fields.md."""
    folder = ROOT / "docs" / "fields"
    for name, picture in all_pictures().items():
        write_text(folder / name, picture)
        print(folder / name)
    page = ROOT / "docs" / "fields.md"
    write_text(page, filled_in(read_text(page)))


if __name__ == "__main__":
    main()
