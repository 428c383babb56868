"""What a person sees of a run: the report and the overlay."""

import base64
import re

import cv2
import markupsafe
import numpy as np
import pytest

import rulesight
from perception.decode import open_video
from pipeline.judging import judged
from records.errors import InputError
from review import draw, overlay
from review.moment import Moment, Seen
from review.view import RunView

ANNOTATIONS = """
schema: 1
points:
  - {t: 0.1, entity: puck, kind: puck, at: [900.0, 300.0]}
  - {t: 0.9, entity: puck, kind: puck, at: [1240.0, 330.0]}
scene: {attacks: {home: right, away: left}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory, short_clip, short_calibration):
    folder = tmp_path_factory.mktemp("review")
    (folder / "annotations.yaml").write_text(ANNOTATIONS)
    return rulesight.analyze(
        short_clip, "hockey", short_calibration, folder / "annotations.yaml", folder / "run", ["runtime=cpu"]
    )


@pytest.fixture(scope="module")
def view(run):
    return RunView(run.folder)


def test_the_report_opens_offline_and_tells_every_call(run, view):
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r"""(?:src|href)=["']https?:""", page)
    assert page.count("data:image/jpeg;base64,") == len(view.calls.calls)
    for call in view.calls.calls:
        assert f'id="{call.id}"' in page
    for one in view.calls.coverage:
        assert one.rule in page
    for stage in ("watch", "register", "detect", "place", "track", "judge"):
        assert f"<td>{stage}</td>" in page
    assert view.manifest["inputs"]["video"]["sha256"] in page


def test_the_report_draws_the_proof_of_every_call(run, view):
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    judged_again = judged(view.scene)
    assert [call.id for call, _ in judged_again]
    assert page.count('<details class="proof">') == len(judged_again) == len(view.calls.calls)
    for _, opportunity in judged_again:
        for leaf in opportunity.prop.leaves().values():
            assert str(markupsafe.escape(leaf.text)) in page


def test_the_overlay_has_every_frame_at_its_time(run, short_clip):
    drawn, source = open_video(run.folder / "overlay.mp4"), open_video(short_clip)
    assert drawn.info.frames == source.info.frames
    assert np.allclose(drawn.times - drawn.times[0], source.times - source.times[0], atol=2e-5)
    first, plain = next(drawn.frames(10, 11)).image, next(source.frames(10, 11)).image
    assert np.abs(first.astype(int) - plain).mean() > 1


def test_lines_lie_on_the_paint(view, short_clip):
    """The blue line that is drawn covers blue paint, not ice."""
    frame = next(open_video(short_clip).frames(15, 16))
    blank = np.zeros_like(frame.image)
    view.drawing.lines(blank, view.moment(15).camera)
    camera = view.moment(15).camera
    middle = camera.to_image(view.field.lines["blue_line_right"].shape.shifted(-0.15).polyline(0.5))
    inside = middle[(middle > 20).all(axis=1) & (middle < [1260, 700]).all(axis=1)].round().astype(int)
    assert len(inside) > 5
    colours = frame.image[inside[:, 1], inside[:, 0]].astype(int)
    assert np.median(colours[:, 0] - colours[:, 2]) > 40
    assert blank.any()


def test_a_moment_knows_who_is_where(view):
    moment = view.moment(15)
    assert moment.camera is not None
    people = [seen for seen in moment.seen if seen.kind == "player"]
    assert len(people) >= 6
    boxed = [seen for seen in people if seen.box is not None]
    assert len(boxed) >= 5
    for seen in boxed:
        u, v = moment.camera.to_image(np.array([seen.xy]))[0]
        assert seen.box[0] - 15 < u < seen.box[2] + 15
        assert abs(v - seen.box[3]) < 25


def test_the_map_puts_far_up_and_right_right(view):
    def place(xy):
        seen = Seen("one", "puck", None, xy, None, True)
        picture = view.drawing.plan(Moment(0, 0.0, None, (seen,)))
        v, u = np.argwhere((picture == draw.SMALL).all(axis=2)).mean(axis=0)
        return u / picture.shape[1], v / picture.shape[0]

    left_far, right_near = place((-20.0, 10.0)), place((20.0, -10.0))
    assert left_far[0] < 0.5 < right_near[0]
    assert left_far[1] < 0.5 < right_near[1]


def test_those_a_call_is_about_stand_out(view, short_clip):
    image = next(open_video(short_clip).frames(15, 16)).image
    moment = view.moment(15)
    boxed = next(seen for seen in moment.seen if seen.box is not None)
    overlay.scene(view, moment, image, frozenset({boxed.entity}))
    assert (image == draw.MARKED).all(axis=2).sum() > 50


def test_a_lost_frame_says_so(view):
    blank = np.zeros((720, 1280, 3), np.uint8)
    draw.banner(blank, [("field lost", (255, 255, 255))])
    assert blank[600:].any()
    assert not blank[:600].any()


def test_an_inset_that_does_not_fit_is_left_out():
    narrow = np.zeros((20, 1200, 3), np.uint8)
    draw.inset(narrow, np.full((400, 400, 3), 255, np.uint8))
    assert not narrow.any()


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"manifest\.json"):
        RunView(tmp_path)


def test_the_picture_of_a_card_is_a_picture(run):
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    pictures = re.findall(r"data:image/png;base64,([^\"]+)", page)
    assert len(pictures) == len(RunView(run.folder).calls.calls) > 0
    for encoded in pictures:
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(encoded), np.uint8), cv2.IMREAD_COLOR)
        assert picture.shape[1] > 200


def test_the_map_keeps_off_the_score():
    small = np.full((60, 200, 3), 255, np.uint8)

    def whitened(*boxes):
        picture = np.zeros((360, 640, 3), np.uint8)
        draw.inset(picture, small, boxes)
        rows, columns = np.nonzero(picture[..., 0])
        return "top" if rows.mean() < 180 else "bottom", "left" if columns.mean() < 320 else "right"

    assert whitened() == ("bottom", "right")
    assert whitened((40, 10, 300, 40)) == ("bottom", "right")
    assert whitened((400, 300, 640, 350)) == ("top", "right")
    assert whitened((0, 300, 640, 360), (400, 0, 640, 40)) == ("top", "left")
