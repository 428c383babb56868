"""Which cases there are, and how a play of one is drawn."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ontologies import registry
from records.errors import InputError
from records.names import unknown
from simulation.plays.board import Board, Task
from simulation.plays.movers import ImplausibleError
from simulation.plays.play import Play

TRIES = 400
Verdicts = str | Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """An edge case of a rule.

    Attributes:
        name: the rule's, then what is special.
        title: what happens, in words of the sport.
        rule: rule id.
        verdict: `violation`, `clear` or `none` (no opportunity), the same under all editions or by edition.
        editions: under which it can be played.
        script: tells it on an empty board.
        board: of the sport.
    """

    name: str
    title: str
    rule: str
    verdict: Verdicts
    editions: tuple[str, ...]
    script: Callable[[Any], None]
    board: type[Board]

    def verdict_of(self, edition: str) -> str:
        """Return the right verdict under an edition."""
        return self.verdict if isinstance(self.verdict, str) else self.verdict[edition]


@dataclass
class Book:
    """The cases of one sport; `case` adds one."""

    board: type[Board]
    cases: dict[str, Case] = field(default_factory=dict)

    def case(
        self, rule: str, verdict: Verdicts, *editions: str
    ) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
        """Return a decorator that makes a case of a function: its name, and the first line of its docstring as title.

        Args:
            rule: rule id.
            verdict: the right one; by edition where it differs.
            editions: under which it can be played; none: all that the verdict names, or all of the sport.
        """

        def add(script: Callable[[Any], None]) -> Callable[[Any], None]:
            known = tuple(registry.ontology(self.board.DOMAIN).editions)
            chosen = editions or (known if isinstance(verdict, str) else tuple(verdict))
            title = (script.__doc__ or "").strip().splitlines()[0].rstrip(".")
            name = script.__name__
            self.cases[name] = Case(name, title, rule, verdict, chosen, script, self.board)
            return script

        return add


DOMAINS = ("basketball", "football", "hockey", "soccer")


def cases(domain: str) -> dict[str, Case]:
    """Return the cases of a sport by name, sorted.

    Raises:
        InputError: if there is no such sport.
    """
    if domain not in DOMAINS:
        raise unknown("domain", domain, DOMAINS)
    book: Book = importlib.import_module(f"simulation.plays.{domain}").BOOK
    return dict(sorted(book.cases.items()))


def draw(domain: str, name: str, edition: str | None = None, seed: int = 0) -> Play:
    """Draw a play of a case; the same seed gives the same play.

    Args:
        domain: sport.
        name: of the case.
        edition: rulebook; None: the first under which the case can be played.
        seed: of the random numbers.

    Raises:
        InputError: there is no such case, or it cannot be played under that edition.
    """
    known = cases(domain)
    if name not in known:
        raise unknown(f"case of {domain}", name, known)
    case = known[name]
    chosen = case.editions[0] if edition is None else edition
    if chosen not in case.editions:
        raise InputError(
            f"{name} cannot be played under {chosen}", where="edition", mend=f"choose {' or '.join(case.editions)}"
        )
    return drawn(case, chosen, seed)


def drawn(case: Case, edition: str, seed: int = 0) -> Play:
    """Draw a play of a case that need not be in a book; the same seed gives the same play.

    Raises:
        InputError: no draw is plausible.
    """
    task = Task(f"{case.name}-{edition}-{seed}", case.rule, case.verdict_of(edition), case.title)
    reasons = []
    for attempt in range(TRIES):
        board = case.board(task, edition, np.random.default_rng([zlib.crc32(case.name.encode()), seed, attempt]))
        try:
            case.script(board)
            return board.play()
        except ImplausibleError as reason:
            reasons.append(str(reason))
    often = max(sorted(set(reasons)), key=reasons.count)
    raise InputError(
        f"{TRIES} draws gave no plausible play", where=f"case {case.name}, seed {seed}", mend=f"most often: {often}"
    )
