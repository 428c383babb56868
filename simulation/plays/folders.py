"""Drawn plays as scene folders, each with the calls that its author expects."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from records import yamls
from records.errors import InputError
from records.files import write_text
from records.scene import write_scene
from simulation.plays.play import Play
from simulation.plays.registry import Case, cases, draw
from simulation.sensors import Sensors, sense

EXPECTED = "expected.yaml"
SENSED = "sensed"
TRUTH = Sensors()


def write_play(play: Play, folder: Path, sensors: Sensors = TRUTH) -> None:
    """Write scene.yaml with its tables, and expected.yaml, into a folder that is made where it is not there.

    With sensors the scene as they would give it goes into the folder ``sensed`` in it.
    """
    scene = play.scene()
    write_scene(scene, folder)
    if sensors != TRUTH:
        write_scene(sense(scene, sensors, zlib.crc32(play.name.encode())), folder / SENSED)
    write_text(folder / EXPECTED, yamls.dumps(play.expected_calls()))


def chosen(domain: str, case: str, edition: str | None = None) -> list[Case]:
    """Return a case of a sport by name, or `all` of them.

    Raises:
        InputError: there is no such case, or it cannot be played under that edition.
    """
    known = cases(domain)
    if case != "all":
        draw_case = known.get(case)
        if draw_case is None:
            draw(domain, case)  # says which there are
        found = [known[case]]
    else:
        found = list(known.values())
    fitting = [one for one in found if edition is None or edition in one.editions]
    if not fitting:
        mend = f"choose {' or '.join(sorted({name for one in found for name in one.editions}))}"
        raise InputError(f"{case} cannot be played under {edition}", where="edition", mend=mend)
    return fitting


def seeds(case: Case, count: int, seed: int, edition: str | None = None) -> Iterator[tuple[str, int]]:
    """Yield edition and seed of each of so many plays of a case: seeds one after the other, editions in turn."""
    editions = case.editions if edition is None else (edition,)
    for n in range(count):
        yield editions[n % len(editions)], seed + n


def write_plays(
    found: list[Case], count: int, seed: int, out: Path, edition: str | None = None, sensors: Sensors = TRUTH
) -> int:
    """Write so many plays of each case below a folder; return how many."""
    written = 0
    for case in found:
        for name, number in seeds(case, count, seed, edition):
            play = draw(case.board.DOMAIN, case.name, name, number)
            write_play(play, out / play.name, sensors)
            written += 1
    return written
