import dataclasses
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records import calls
from records.calls import Atom, Call, Calls, Coverage, ExceptionValue, Flip, Margin
from records.clock import Span
from records.errors import InputError

ATOM = Atom("h17 wholly over the attacking blue line", "true", 12.34, 0.42, 0.15, "tracks")
CALL = Call(
    id="hockey.offside@12.340/home",
    rule="hockey.offside",
    clause="NHL 83.1",
    opportunity="certain",
    verdict="violation",
    t=12.34,
    t_sigma=0.02,
    window=(11.9, 12.4),
    team="home",
    entities=("h17",),
    margin=Margin(0.42, 0.15, "m", 0),
    probability=0.997,
    because=(ATOM,),
    exceptions=(ExceptionValue("puck carrier in control", "false"),),
    would_flip=Flip("clear if h17 were 0.42 m further back at 12.34 s", "h17", 12.34, -0.42),
)
COVERAGE = Coverage("hockey.icing", Span(0.0, 7.2), "blind", "no puck track")
ALL = Calls("demo-0001", "hockey", "nhl-2025", "0.1.0", (CALL,), (COVERAGE,))

DESIGN = """
{"schema": 1, "scene": "demo-0001", "domain": "hockey", "edition": "nhl-2025", "engine": "0.1.0",
 "calls": [
  {"id": "hockey.offside@12.340/home", "rule": "hockey.offside", "clause": "NHL 83.1", "opportunity": "certain",
   "verdict": "violation",
   "t": 12.34, "t_sigma": 0.02, "act_t": null, "parent": null, "window": [11.9, 12.4], "team": "home",
   "entities": ["h17"],
   "margin": {"value": 0.42, "sigma": 0.15, "unit": "m", "atom": 0}, "probability": 0.997,
   "because": [{"atom": "h17 wholly over the attacking blue line", "value": "true", "t": 12.34, "margin": 0.42,
                "sigma": 0.15, "source": "tracks"}],
   "exceptions": [{"name": "puck carrier in control", "value": "false"}],
   "blocked_by": [], "would_flip": {"text": "clear if h17 were 0.42 m further back at 12.34 s", "entity": "h17",
   "t": 12.34, "dx": -0.42}}],
 "coverage": [{"rule": "hockey.icing", "from": 0.0, "to": 7.2, "status": "blind", "why": "no puck track"}]}
"""


def keys_in_order(value):
    """Return all keys as they come, so that two texts can be compared key by key."""
    return json.loads(value, object_pairs_hook=lambda pairs: [list(pair) for pair in pairs])


def test_the_file_of_the_design_is_written_key_by_key():
    assert keys_in_order(calls.dumps(ALL)) == keys_in_order(DESIGN)
    assert calls.loads(DESIGN) == ALL


def test_reading_and_writing_files(tmp_path):
    calls.write(tmp_path / "calls.json", ALL)
    assert calls.read(tmp_path / "calls.json") == ALL
    assert calls.dumps(calls.read(tmp_path / "calls.json")) == calls.dumps(ALL)
    assert calls.loads(calls.dumps(Calls("s", "hockey", "nhl-2025", "0.1.0"))).calls == ()
    with pytest.raises(InputError, match="no such file"):
        calls.read(tmp_path / "none.json")


number = st.floats(-1e6, 1e6)
maybe = st.none() | number
word = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
atoms = st.builds(Atom, word, st.sampled_from(calls.VALUES), maybe, maybe, maybe, st.none() | word)


@st.composite
def made_calls(draw):
    listed = []
    for index in range(draw(st.integers(0, 3))):
        because = tuple(draw(st.lists(atoms, max_size=3)))
        ends = sorted(draw(st.tuples(number, number)))
        margin = Margin(draw(number), abs(draw(number)), "m", len(because) - 1) if because else None
        listed.append(
            Call(
                f"c{index}",
                draw(word),
                draw(word),
                draw(st.sampled_from(calls.OPPORTUNITIES)),
                draw(st.sampled_from(calls.VERDICTS)),
                draw(number),
                abs(draw(number)),
                draw(maybe),
                draw(st.none() | word),
                draw(st.none() | st.just(tuple(ends))),
                draw(st.sampled_from([None, "home", "away"])),
                tuple(draw(st.lists(word, max_size=2))),
                margin,
                draw(st.none() | st.floats(0, 1)),
                because,
                tuple(draw(st.lists(st.builds(ExceptionValue, word, st.sampled_from(calls.VALUES)), max_size=2))),
                tuple(draw(st.lists(atoms, max_size=2))),
                draw(st.none() | st.builds(Flip, word, st.none() | word, maybe, maybe, maybe, maybe)),
                draw(st.booleans()),
            )
        )
    covered = draw(
        st.lists(
            st.builds(
                lambda rule, ends, status: Coverage(rule, Span(*sorted(ends)), status, None),
                word,
                st.tuples(number | st.just(-math.inf), number | st.just(math.inf)),
                st.sampled_from(calls.STATUSES),
            ),
            max_size=2,
        )
    )
    return Calls("s", "hockey", "nhl-2025", "0.1.0", tuple(listed), tuple(covered))


@given(made_calls())
@settings(max_examples=200, deadline=None)
def test_what_is_written_reads_back_equal_and_writes_the_same_bytes(made):
    text = calls.dumps(made)
    assert calls.loads(text) == made
    assert calls.dumps(calls.loads(text)) == text


def test_order_of_calls_and_noise_below_the_sixth_digit_do_not_show():
    later = dataclasses.replace(CALL, id="b", t=13.0)
    assert calls.dumps(dataclasses.replace(ALL, calls=(later, CALL))) == calls.dumps(
        dataclasses.replace(ALL, calls=(CALL, later))
    )
    assert dataclasses.replace(CALL, t=12.34 + 1e-9) == CALL
    assert "-0.0" not in calls.dumps(dataclasses.replace(ALL, calls=(dataclasses.replace(CALL, t=-1e-9),)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"verdict": "guilty"}, "verdict 'guilty' is none of violation, clear, undecided"),
        ({"opportunity": "sure"}, "opportunity 'sure'"),
        ({"team": "red"}, "team 'red'"),
        ({"t": math.nan}, "finite"),
        ({"probability": 1.5}, "between 0 and 1"),
        ({"window": (2.0, 1.0)}, "ends before it starts"),
        ({"margin": Margin(0.1, 0.1, "m", 1)}, "margin names atom 1 of 1"),
    ],
)
def test_wrong_calls_cannot_be_made(change, told):
    with pytest.raises(InputError, match=told):
        dataclasses.replace(CALL, **change)


def test_two_calls_of_one_id_are_refused():
    with pytest.raises(InputError, match=r"two calls have the id 'hockey\.offside@12\.340/home'"):
        dataclasses.replace(ALL, calls=(CALL, CALL))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"verdict": "violation"', '"verdict": "guilty"', "verdict 'guilty'"),
        ('"schema": 1', '"schema": 2', "version 2 is not known"),
        ('"t_sigma"', '"t_sgima"', "did you mean 't_sigma'"),
        ('"t": 12.34, "t_sigma"', '"t": NaN, "t_sigma"', "finite number"),
        ('"status": "blind"', '"status": "seen"', "status 'seen'"),
        ('"from": 0.0', '"from": 9.0', "must end after it starts"),
        ('"value": "false"', '"value": "no"', "value 'no'"),
        ("{", "[", "not readable as json"),
    ],
)
def test_wrong_files_are_told_in_one_line(old, new, told):
    text = calls.dumps(ALL)
    assert old in text
    with pytest.raises(InputError, match=told) as caught:
        calls.loads(text.replace(old, new, 1))
    assert "\n" not in str(caught.value)
