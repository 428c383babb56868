import numpy as np
import pytest

from records import clock, files, ids, names, parse, yamls
from records.clock import Instant, Span
from records.errors import InputError


def test_windows_in_seconds_on_irregular_stamps():
    t = np.array([0.0, 0.033, 0.1, 0.1, 0.5, 2.0])
    first, last = clock.window(t, t - 0.1, t)
    for index, now in enumerate(t):
        inside = [k for k, one in enumerate(t) if now - 0.1 <= one <= now]
        assert list(range(first[index], last[index])) == inside
    empty_first, empty_last = clock.window(t, 0.6, 0.7)
    assert empty_first == empty_last
    back_first, back_last = clock.window(t, 0.5, 0.1)
    assert back_first == back_last


def test_times_must_be_finite_and_must_not_go_back():
    assert clock.check_times([0.0, 0.0, 1.0]).dtype == np.float64
    with pytest.raises(InputError, match=r"time 3 \(0.5 s\) does not follow 1 s"):
        clock.check_times([0.0, 1.0, 0.5], "tracks")
    with pytest.raises(InputError, match="time 2"):
        clock.check_times([0.0, 0.0], strict=True)
    with pytest.raises(InputError, match="time 2 is not finite"):
        clock.check_times([0.0, float("nan")])


def test_spans():
    assert clock.merged([Span(3, 4), Span(0, 1), Span(1, 2)]) == (Span(0, 2), Span(3, 4))
    assert clock.covered([Span(0, 1), Span(1, 2)], 0.5, 1.5)
    assert not clock.covered([Span(0, 1), Span(1.1, 2)], 0.5, 1.5)
    assert clock.held([Span(0, 1)], [-0.1, 0.0, 1.0, 1.1]).tolist() == [False, True, True, False]
    assert Instant(2.0, 0.1).bounds(2.0) == Span(1.8, 2.2)
    assert clock.latest([0.0, 1.0], [-1, 0, 0.5, 3]).tolist() == [-1, 0, 0, 1]
    with pytest.raises(InputError, match="must end after it starts"):
        Span(2.0, 1.0)


def test_ids(tmp_path):
    assert ids.call_id("hockey.offside", 12.34, "home") == "hockey.offside@12.340/home"
    assert ids.call_id("football.offside", -0.0001) == "football.offside@0.000"
    assert ids.event_id("whistle", 1.0) == "whistle@1.000"
    assert (ids.detection_id(3, 4), ids.track_id(12)) == ("d000003-004", "k0012")
    assert ids.numbered(["a", "a", "b", "a"]) == ["a", "a#2", "b", "a#3"]
    (tmp_path / "one.mp4").write_bytes(b"same")
    (tmp_path / "two.mp4").write_bytes(b"same")
    assert ids.clip_id(tmp_path / "one.mp4") == ids.clip_id(tmp_path / "two.mp4")
    with pytest.raises(InputError, match="cannot be read"):
        ids.clip_id(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    "value",
    [
        "on",
        "no",
        "12:30",
        "0012",
        "1e5",
        "2025-01-01",
        "null",
        "",
        "a: b",
        "é",
        "~",
        "0x1f",
        "-y",
        "+y",
        "1_000",
        ".5",
        "a\nb",
    ],
)
def test_text_stays_text_through_yaml(value):
    assert yamls.loads(yamls.dumps({"key": value, "list": [value]})) == {"key": value, "list": [value]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 1e5),
        ("-2.5", -2.5),
        ("on", "on"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("0012", "0012"),
        ("true", True),
        ("2025-01-01", "2025-01-01"),
        ("", None),
        ("null", None),
        ("1_000", "1_000"),
        ("-7", -7),
    ],
)
def test_yaml_means_what_it_looks_like(text, value):
    assert yamls.loads(f"key: {text}") == {"key": value}


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2", "a: [", "? [1]\n: 2", "a: !!python/name:os.system x", "\t- a", "a: *b", "a: \x01"]
)
def test_what_is_not_yaml_is_told_in_one_line(text):
    with pytest.raises(InputError, match="not readable as yaml") as caught:
        yamls.loads(text, "x.yaml")
    assert "\n" not in str(caught.value)


def test_nearest_names_and_parsing():
    assert names.nearest("blue_line_lft", ["blue_line_left", "goal_line_left", "boards"], 1) == ["blue_line_left"]
    assert "there are: a, b" in str(names.unknown("thing", "zzz", ["b", "a"]))
    for wrong in (True, "1", None, float("inf"), [1]):
        with pytest.raises(InputError):
            parse.number(wrong, "here")
    for wrong in (True, 1.0, "1", None):
        with pytest.raises(InputError):
            parse.whole(wrong, "here")
    with pytest.raises(InputError, match=r"2 numbers are needed here, not 3 \(here\)"):
        parse.numbers([1, 2, 3], 2, "here")


def test_files_are_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "a.txt"
    files.write_text(path, "one\n")
    assert files.read_text(path) == "one\n"

    def fails(part):
        part.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.write_whole(path, fails)
    assert [one.name for one in path.parent.iterdir()] == ["a.txt"]
    assert files.read_text(path) == "one\n"
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        files.write_text(tmp_path / "file" / "b.txt", "x")
    with pytest.raises(InputError, match="cannot be read"):
        files.read_text(tmp_path)
