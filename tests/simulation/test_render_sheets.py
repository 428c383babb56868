"""The page of renders shows a sheet for every sport and camera, and the sheets can be drawn again."""

from pathlib import Path

import cv2
import pytest

from records.errors import InputError
from review import renders
from simulation.clips import CAMERAS_OF

ROOT = Path(__file__).resolve().parents[2]


def test_there_is_a_sheet_for_every_sport_and_camera():
    wanted = {f"{domain}-{camera}.jpg" for domain, cameras in CAMERAS_OF.items() for camera in cameras}
    assert {path.name for path in (ROOT / "docs" / "renders").iterdir()} == wanted
    page = (ROOT / "docs" / "renders.md").read_text(encoding="utf-8")
    assert all(f"(renders/{name})" in page for name in wanted)


def test_a_sheet_is_a_grid_of_thumbnails(tmp_path, monkeypatch):
    monkeypatch.setattr(renders, "COLUMNS", 1)
    monkeypatch.setattr(renders, "ROWS", 1)
    (path,) = renders.write_sheets(tmp_path / "sheets", ["hockey"])
    picture = cv2.imread(str(path))
    assert picture.shape == (renders.THUMB[1], renders.THUMB[0], 3)
    assert picture.std() > 25
    with pytest.raises(InputError, match="unknown domain 'hocky'"):
        renders.write_sheets(tmp_path, ["hocky"])
