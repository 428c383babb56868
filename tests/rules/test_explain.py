"""The proof of a call is a tree in which every leaf tells its value, its time, its margin and where it comes from."""

import numpy as np
import pytest

import rulesight
from pipeline.judging import judged
from records.errors import InputError
from records.scene import Scene, scene_of, write_scene
from rules import explain, formulas, operators
from rules.explain import Step
from rules.kleene import Truth
from rules.propositions import Instant, Prop, fact
from rules.verdicts import Opportunity
from rulesight import cli

KEYS = {"schema": 1, "id": "a", "domain": "hockey", "edition": "nhl-2025", "attacks": {"home": "right"}, "source": ""}
CALL = "hockey.offside@0.796/home"


@pytest.fixture
def scene() -> Scene:
    """Return the puck carried over the line with a winger 6 m ahead of it."""
    t = np.arange(61) / 30
    columns: dict[str, list[object]] = {name: [] for name in ("t", "entity", "kind", "team", "x", "y", "sigma")}
    for name, kind, team, x in (
        ("puck", "puck", None, 0.0),
        ("h9", "player", "home", -1.0),
        ("h17", "player", "home", 6.0),
    ):
        cells = (t, name, kind, team, x + 10 * t, 3.0 * (name == "h17"), 0.05)
        for column, value in zip(columns, cells, strict=True):
            columns[column] += list(value) if isinstance(value, np.ndarray) else [value] * len(t)
    events = {"t": [0.0], "kind": ["possession"], "entity": ["h9"], "t_sigma": [0.01]}
    return scene_of(
        {**KEYS, "roster": {"home": 2, "away": 0}, "complete": "all"}, {"tracks": columns, "events": events}
    )


def leaf(text: str, value: Truth) -> Prop:
    return fact(text, value, 1.0)


def steps(step: Step) -> list[Step]:
    return [step, *(inner for part in step.parts for inner in steps(part))]


def test_a_proof_marks_what_the_verdict_rests_on_and_tells_exceptions_with_their_own_values() -> None:
    prop = operators.unless(leaf("a", True) | leaf("b", False), leaf("excuse", False), "he was pushed")
    top = explain.proof(Opportunity(Instant(1.0, 1.0, 1.0), prop, "home"))
    assert [(one.text, one.value, one.mark) for one in steps(top)] == [
        ("all of", "true", ""),
        ("any of", "true", ""),
        ("a", "true", "*"),
        ("b", "false", ""),
        ("unless he was pushed (false)", "true", ""),
        ("excuse", "false", "*"),
    ]


def test_what_stands_in_the_way_is_marked_and_parts_joined_alike_are_one_list() -> None:
    prop = (leaf("a", True) & leaf("b", True)) & (leaf("c", None) & ~leaf("d", False))
    top = explain.proof(Opportunity(Instant(1.0, 1.0, 1.0), prop, None))
    assert [(one.text, one.value, one.mark) for one in top.parts[2:]] == [
        ("c", "unknown", "!"),
        ("not: d", "true", "*"),
    ]
    assert len(top.parts) == 4


def test_a_formula_keeps_the_name_it_was_given() -> None:
    parts = [formulas.always(name, value, 1) for name, value in (("h1 on the line", True), ("h2 on the line", False))]
    seven = formulas.at_least(2, parts, 1, "2 on the line")
    named = formulas.either(*parts).named("anybody on the line")
    instant = Instant(0.0, 0.0, 0.0)
    texts = []
    for formula in (seven, named, formulas.either(*parts)):
        prop = operators.at(instant, formula, np.zeros(1))
        texts.append(explain.proof(Opportunity(instant, prop, None)).text)
    assert texts == ["2 on the line: at least 2 of 2", "anybody on the line: any of", "any of"]


def test_every_cited_and_blocking_atom_is_in_the_tree(scene: Scene) -> None:
    for call, opportunity in judged(scene):
        told = {step.text.removeprefix("not: "): step for step in steps(explain.proof(opportunity)) if step.measure}
        for atom in call.because:
            assert told[atom.atom].measure.endswith(atom.source or "")
            if atom.margin is not None:
                assert f"{atom.margin:+.3f} ± {atom.sigma:.3f} m" in told[atom.atom].measure
        assert {atom.atom for atom in call.blocked_by} == {text for text, step in told.items() if step.mark == "!"}


def test_explaining_judges_again_and_tells_the_whole_call(scene: Scene) -> None:
    text = rulesight.explain(scene, CALL)
    assert text.startswith(f"violation  {CALL}  NHL 83.1")
    for told in (
        "home h17",
        "* h17 wholly over the blue line   [",
        "unless puck carrier in control (false)",
        "unless defenders played it in: false",
        "would flip: clear if h17 were ",
    ):
        assert told in text


def test_a_call_that_is_not_there_names_the_nearest(scene: Scene) -> None:
    with pytest.raises(InputError, match=r"did you mean 'hockey\.offside@0\.796/home'"):
        rulesight.explain(scene, "hockey.offside@0.79/home")
    silent = scene_of(KEYS, {})
    with pytest.raises(InputError, match="no opportunity"):
        rulesight.explain(silent, CALL)


def test_the_command_prints_the_proof_and_one_line_for_an_unknown_call(scene: Scene, tmp_path, capsys) -> None:
    write_scene(scene, tmp_path / "scene")
    assert cli.main(["explain", f"call={CALL}", f"scene={tmp_path / 'scene'}"]) == 0
    assert "violation if:\ntrue    all of\n├─ true" in capsys.readouterr().out
    assert cli.main(["explain", "call=hockey.offside@0.9/home", f"run={tmp_path / 'scene'}"]) == 2
    error = capsys.readouterr().err
    assert "did you mean" in error
    assert len(error.strip().splitlines()) == 1
