import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ontologies import registry
from records.scene import FieldChoice
from review.field_pictures import PICTURES, all_pictures, filled_in, overview

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def pictures():
    return all_pictures()


def test_committed_pictures_are_what_the_code_draws(pictures):
    assert sorted(path.name for path in (DOCS / "fields").glob("*.svg")) == sorted(pictures)
    for name, picture in pictures.items():
        assert (DOCS / "fields" / name).read_text(encoding="utf-8") == picture, "run scripts/draw_fields.py"


def test_committed_tables_are_what_the_code_writes():
    page = (DOCS / "fields.md").read_text(encoding="utf-8")
    assert filled_in(page) == page, "run scripts/draw_fields.py"
    assert page.count("| yes |") > 50


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_name_every_line_zone_and_landmark(pictures, name):
    domain, preset = name.split("-")
    field = registry.field(domain, FieldChoice(preset))
    ET.fromstring(pictures[f"{name}.svg"])
    whole, quarter = pictures[f"{name}.svg"], pictures[f"{name}-landmarks.svg"]
    for thing in (*field.lines, *field.circles):
        assert f">{thing}<" in whole
    for zone in field.zones:
        assert f">[{zone}]<" in whole
    for landmark, (x, y, _) in field.landmarks.items():
        assert (f"  {landmark}  (" in quarter) == (x <= 1e-9 and y >= -1e-9), landmark


def test_names_stay_inside_the_picture_and_numbers_do_not_cover_each_other(pictures):
    for picture in pictures.values():
        root = ET.fromstring(picture)
        width, height = float(root.get("width")), float(root.get("height"))
        for text in root.iter("{http://www.w3.org/2000/svg}text"):
            assert 0 <= float(text.get("x")) <= width
            assert 0 <= float(text.get("y")) <= height
    for name, picture in pictures.items():
        if "landmarks" in name:
            found = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>\d+<', picture)
            spots = [(float(x), float(y)) for x, y in found]
            for index, (x, y) in enumerate(spots):
                assert all(abs(x - u) > 6 or abs(y - v) > 10 for u, v in spots[:index]), (name, index + 1)


def test_a_moved_line_moves_in_the_picture():
    narrow = overview(registry.field("hockey", FieldChoice("iihf", width_m=26.0)))
    assert narrow != overview(registry.field("hockey", FieldChoice("iihf")))
