"""Drawn plays: deterministic, plausible, varied where nothing is decided, and judged as their authors say."""

import numpy as np
import pytest

from evaluation.plays import check, compare, good, lines
from ontologies.checks import check_scene, field_of
from pipeline.judging import judge
from records.errors import InputError
from records.scene import read_scene
from rulesight import cli
from simulation.plays import cases, draw
from simulation.plays.folders import chosen, write_plays
from simulation.plays.hockey.rink import Rink
from simulation.plays.movers import ImplausibleError, timed
from simulation.plays.registry import Book
from simulation.plays.soccer.pitch import Pitch

SPORTS = ("hockey", "soccer")
BOARDS = {"hockey": Rink, "soccer": Pitch}
ALL = [(sport, name) for sport in SPORTS for name in cases(sport)]
PER_FAMILY = 8


def tables(play):
    scene = play.scene()
    return [scene.tracks, *(getattr(scene, name) for name in ("events", "parts"))]


def test_every_rule_has_edge_cases_of_both_kinds():
    rules = {}
    for sport in SPORTS:
        for case in cases(sport).values():
            rules.setdefault(case.rule, []).append(case.verdict_of(case.editions[0]))
            assert case.name.startswith(case.rule.split(".")[1])
            assert len(case.title) > 20
    assert set(rules) >= {
        "hockey.offside",
        "hockey.delayed_offside",
        "hockey.icing",
        "hockey.too_many_men",
        "soccer.offside",
    }
    for rule, verdicts in rules.items():
        assert len(verdicts) >= PER_FAMILY, rule
        assert verdicts.count("violation") >= 3, rule
        assert len(verdicts) - verdicts.count("violation") >= 3, rule


@pytest.mark.parametrize(
    ("sport", "name"), [one if n % 4 == 0 else pytest.param(*one, marks=pytest.mark.slow) for n, one in enumerate(ALL)]
)
def test_a_play_is_plausible_and_says_what_is_right(sport, name):
    case = cases(sport)[name]
    for edition in case.editions[-1:]:
        play = draw(sport, name, edition, 5)
        check_scene(play.scene())
        own = [want for want in play.expected if want.rule == case.rule]
        assert own[0].verdict == case.verdict_of(edition)
        limits = BOARDS[sport].LIMITS
        step = play.t[1] - play.t[0]
        for person in play.cast:
            path = play.paths[person.entity]
            speed = np.hypot(*np.diff(path.xy, axis=0).T) / step
            gain = np.hypot(*np.diff(path.velocity, axis=0).T) / step
            assert speed.max() <= limits[person.kind].speed + 1e-6
            assert gain.max() <= limits[person.kind].acceleration + 1e-6
            assert np.abs(np.diff(path.xy, axis=0) / step - path.velocity[:-1]).max() < 1.0
        flight = np.hypot(*np.diff(play.ball[:, :2], axis=0).T) / step
        assert flight.max() <= BOARDS[sport].BALL_SPEED + BOARDS[sport].JUMP_M / step
        assert {person.kind for person in play.cast} >= {"player", "official"}


@pytest.mark.parametrize("sport", SPORTS)
def test_the_rules_agree_with_the_authors(sport):
    tallies = check(list(cases(sport).values())[1::5], 1, seed=11)
    assert good(tallies), "\n".join(str(note) for one in tallies for note in one.notes)
    assert len(list(lines(tallies))) == len(tallies) + 2


@pytest.mark.slow
@pytest.mark.parametrize("sport", SPORTS)
def test_the_rules_agree_with_the_authors_on_many_plays(sport):
    tallies = check(list(cases(sport).values()), 20, seed=1000)
    assert good(tallies), "\n".join(str(note) for one in tallies for note in one.notes)


@pytest.mark.parametrize(("sport", "name"), ALL[::9])
def test_the_same_seed_gives_the_same_play(sport, name):
    one, again = draw(sport, name, None, 3), draw(sport, name, None, 3)
    assert all(a.equals(b) for a, b in zip(tables(one), tables(again), strict=True))
    assert one.expected == again.expected
    assert one.keys == again.keys
    assert not draw(sport, name, None, 4).scene().tracks.equals(one.scene().tracks)


def test_what_does_not_decide_is_drawn():
    plays = [draw("hockey", "offside_carrier_backs_in", None, seed) for seed in range(14)]
    assert {play.attacks["home"] for play in plays} == {"left", "right"}
    assert {play.expected[0].team for play in plays} == {"home", "away"}
    assert len({round(1 / play.t[1], 2) for play in plays}) >= 3
    assert len({play.t[-1] for play in plays}) > 10
    ends = {np.sign(np.interp(play.expected[0].t, play.t, play.ball[:, 0])) for play in plays}
    assert ends == {-1.0, 1.0}
    assert {want.verdict for play in plays for want in play.expected} == {"clear"}
    assert len({person.number for play in plays for person in play.cast}) > 40
    pitches = [draw("soccer", "offside_from_a_throw_in", None, seed).scene() for seed in range(3)]
    assert len({field_of(scene).length_m for scene in pitches}) == 3


def test_the_mirror_keeps_left_and_right():
    for seed in range(6):
        play = draw("hockey", "offside_everybody_behind_the_puck", None, seed)
        person = next(one for one in play.cast if one.kind == "player")
        left, right = (play.parts[person.entity, name][:, :2] for name in ("left_skate", "right_skate"))
        angle = play.heading[person.entity]
        across = -np.sin(angle) * (left - right)[:, 0] + np.cos(angle) * (left - right)[:, 1]
        assert (across > 0.2).all()


def board(script):
    book = Book(Rink)
    book.case("hockey.offside", "clear")(script)
    return next(iter(book.cases.values()))


def told(script):
    from simulation.plays.board import Task

    rink = Rink(Task("x", "hockey.offside", "clear", "x"), "nhl-2025", np.random.default_rng(0))
    script(rink)
    return rink.play()


def test_what_nobody_can_do_is_drawn_again_and_never_clipped():
    def faster(rink):
        rink.ball.starts_with(rink.player("attack", [(0, -10, 0), (1, 10, 0), (rink.span, 12, 0)]))

    def sharper(rink):
        rink.ball.starts_with(rink.player("attack", [(0, 0, 0), (0.4, 2, 0), (0.8, 0, 0), (rink.span, 0, 0)]))

    def through_another(rink):
        rink.ball.starts_with(rink.player("attack", [(0, -9, 0), (rink.span, 9, 0)]))
        rink.player("defense", [(0, 9, 0), (rink.span, -9, 0)])

    def over_the_boards(rink):
        rink.ball.starts_with(rink.player("attack", [(0, 0, 0), (rink.span, 0, 14)]))

    def jumping(rink):
        near = rink.player("attack", [(0, 0, 0), (rink.span, 1, 0)])
        far = rink.player("attack", [(0, 0, 8), (rink.span, 1, 8)])
        rink.ball.starts_with(near).taken_by(far, 2.0)

    def shot(rink):
        rink.ball.starts_with(rink.player("attack", [(0, 0, 0), (rink.span, 1, 0)])).sent_to((25, 3), 1.0, 1.2)

    def never(rink):
        rink.ball.starts_with(rink.player("attack", [(0, 0, 0), (rink.span, 1, 0)]))
        rink.entry()

    for script, why in (
        (faster, "m/s is more"),
        (sharper, r"m/s\^2 is more"),
        (through_another, "runs into"),
        (over_the_boards, "leaves the field"),
        (jumping, "jumps"),
        (shot, "flies at"),
        (never, "does not happen"),
    ):
        with pytest.raises(ImplausibleError, match=why):
            told(script)


def test_a_case_that_cannot_be_drawn_says_why(monkeypatch):
    from simulation.plays import registry

    def never(rink):
        """Something that never happens."""
        rink.require(False, "it rains")

    case = board(never)
    monkeypatch.setattr(registry, "cases", lambda domain: {case.name: case})
    monkeypatch.setattr(registry, "TRIES", 3)
    with pytest.raises(InputError, match="it rains"):
        registry.draw("hockey", "never")


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="unknown domain 'chess'"):
        cases("chess")
    with pytest.raises(InputError, match="did you mean 'offside_level'"):
        draw("soccer", "offside_levl")
    with pytest.raises(InputError, match="choose ifab-2025"):
        chosen("soccer", "offside_level", "nhl-2025")


def test_plays_are_written_as_scenes(tmp_path):
    assert write_plays(chosen("hockey", "icing_nobody_chases"), 3, 7, tmp_path) == 3
    names = sorted(folder.name for folder in tmp_path.iterdir())
    assert names == [
        "icing_nobody_chases-iihf-2025-8",
        "icing_nobody_chases-nhl-2025-7",
        "icing_nobody_chases-nhl-2025-9",
    ]
    scene = read_scene(tmp_path / names[1])
    assert scene.tracks.equals(draw("hockey", "icing_nobody_chases", "nhl-2025", 7).scene().tracks)
    assert (tmp_path / names[1] / "expected.yaml").read_text().startswith("schema: 1")


def test_a_wrong_call_is_found():
    play = draw("hockey", "offside_winger_ahead_of_the_carrier", None, 0)
    calls = judge(play.scene()).calls
    assert [one.outcome for one in compare(play, calls)] == ["right"]
    assert [one.outcome for one in compare(play, [])] == ["missing violation"]
    from dataclasses import replace

    changed = {verdict: [replace(calls[0], verdict=verdict)] for verdict in ("clear", "undecided")}
    assert [one.outcome for one in compare(play, changed["clear"])] == ["wrong"]
    assert [one.outcome for one in compare(play, changed["undecided"])] == ["undecided"]
    assert [one.outcome for one in compare(play, [replace(calls[0], entities=("x1",))])] == ["wrong name"]
    late = replace(calls[0], t=calls[0].t + 1.0)
    assert sorted(one.outcome for one in compare(play, [late])) == ["missing violation", "unexpected violation"]


def test_speeds_make_waypoints():
    assert timed((0, 0), [(3, 4, 5.0), (3, 10, 3.0)]) == [(0.0, 0.0, 0.0), (1.0, 3.0, 4.0), (3.0, 3.0, 10.0)]


def test_the_command_line_lists_and_writes(capsys, tmp_path):
    assert cli.main(["simulate", "domain=soccer", "case=list"]) == 0
    assert "offside_level" in capsys.readouterr().out
    out = tmp_path / "made"
    assert cli.main(["simulate", "domain=soccer", "case=offside_level", "plays=2", f"out={out}"]) == 0
    assert len(list(out.glob("*/expected.yaml"))) == 2
    made = ["evaluate", "suite=plays", "domain=hockey", "case=icing_nobody_chases", "per_case=1"]
    assert cli.main(made) == 0
    for arguments, told in (
        (["case=offside_levl", "domain=soccer"], "did you mean 'offside_level'"),
        (["case=all", "domain=chess"], "unknown domain 'chess'"),
        (["case=offside_level", "domain=soccer", "edition=nhl-2025"], "choose ifab-2025"),
        (["case=offside_level", "domain=soccer", "plays=0"], "plays is"),
    ):
        capsys.readouterr()
        assert cli.main(["simulate", *arguments]) == 2
        error = capsys.readouterr().err
        assert told in error
        assert error.count("\n") == 1
