"""The ball or puck of a play: in somebody's possession, or on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulation.plays.movers import ImplausibleError, Mover

if TYPE_CHECKING:
    from simulation.plays.board import Board

Floats = NDArray[np.float64]
STEP_S = 1e-6


@dataclass(frozen=True, eq=False)
class Held:
    """Somebody has it, from start to stop."""

    start: float
    stop: float
    who: Mover


@dataclass(frozen=True, eq=False)
class Free:
    """It goes from a point to another, or lies where both are the same.

    Attributes:
        start: seconds.
        stop: seconds; the leg may have been cut short of `arrives`.
        arrives: when it would be at `end`, seconds.
        begin: metres, shape (3,).
        end: metres, shape (3,), or who takes it there.
        slowing: 1 keeps its speed, 2 comes to rest at the end.
        rise: how far above the straight line it goes half way, metres.
        gaining: 1 has its speed at once, 2 gains it evenly from rest.
    """

    start: float
    stop: float
    arrives: float
    begin: Floats
    end: Floats
    slowing: float
    rise: float
    gaining: float = 1.0


class Ball:
    """Legs one after the other, in the board's frame; times are seconds, places metres."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.legs: list[Held | Free] = []

    # telling what happens

    def starts_with(self, who: Mover) -> Ball:
        """Somebody has it from the start."""
        self.legs = [Held(0.0, self.board.span, who)]
        return self

    def starts_at(self, place: Sequence[float], until: float | None = None) -> Ball:
        """It lies somewhere from the start."""
        spot = _three(place)
        stop = self.board.span if until is None else until
        self.legs = [Free(0.0, stop, stop, spot, spot, 1.0, 0.0)]
        return self

    def passed_to(self, who: Mover, leaves: float, arrives: float, rise: float = 0.0, slowing: float = 1.1) -> Ball:
        """It leaves who has it, and arrives at somebody, who then has it."""
        end = self.board.carried(who, np.array([arrives]))[0]
        self.sent_to(end, leaves, arrives, rise, slowing)
        return self.taken_by(who, arrives)

    def sent_to(
        self,
        place: Sequence[float],
        leaves: float,
        arrives: float,
        rise: float = 0.0,
        slowing: float = 1.1,
        gaining: float = 1.0,
    ) -> Ball:
        """It goes to a place, where it would lie."""
        self._cut(leaves)
        begin, end = self.at(np.array([leaves - STEP_S]))[0], _three(place)
        self.legs.append(Free(leaves, arrives, arrives, begin, end, slowing, rise, gaining))
        self.legs.append(Free(arrives, self.board.span, self.board.span, end, end, 1.0, 0.0))
        return self

    def taken_by(self, who: Mover, at: float) -> Ball:
        """Somebody has it from then on; it has to be where he would have it."""
        self._cut(at)
        self.legs.append(Held(at, max(self.board.span, at), who))
        return self

    def met_by(self, who: Mover, at: float) -> Ball:
        """Somebody's whole route is moved so that he takes it where it is then."""
        gap = self.at(np.array([at]))[0] - self.board.carried(who, np.array([at]))[0]
        who.move(float(gap[0]), float(gap[1]))
        gap = self.at(np.array([at]))[0] - self.board.carried(who, np.array([at]))[0]  # he looks elsewhere now
        who.move(float(gap[0]), float(gap[1]))
        return self.taken_by(who, at)

    def _cut(self, t: float) -> None:
        if not self.legs or (t <= self.legs[-1].start - 1e-9 and len(self.legs) == 1):
            raise ImplausibleError(f"nothing happens to the ball before {t:g} s")
        kept = [leg for leg in self.legs if leg.start < t - 1e-9]
        if not kept:
            raise ImplausibleError(f"nothing happens to the ball before {t:g} s")
        self.legs = [*kept[:-1], replace(kept[-1], stop=t)]

    # where it is

    def at(self, t: Any) -> Floats:
        """Return where it is at times, metres, shape (N, 3)."""
        times = np.atleast_1d(np.asarray(t, float))
        result = np.zeros((len(times), 3))
        which = self._which(times)
        for n in np.unique(which):
            inside = which == n
            leg = self.legs[n]
            result[inside] = (
                self.board.carried(leg.who, times[inside]) if isinstance(leg, Held) else _flown(leg, times[inside])
            )
        return result

    def rough(self, t: Any) -> Floats:
        """Return about where it is, for those who look at it: at the feet of who has it; metres, shape (N, 2)."""
        times = np.atleast_1d(np.asarray(t, float))
        result = np.zeros((len(times), 2))
        if not self.legs:
            return result
        which = self._which(times)
        for n in np.unique(which):
            inside = which == n
            leg = self.legs[n]
            result[inside] = leg.who.xy(times[inside]) if isinstance(leg, Held) else _flown(leg, times[inside])[:, :2]
        return result

    def holder(self, t: Any) -> list[str | None]:
        """Return who has it at times."""
        legs = [self.legs[n] for n in self._which(np.atleast_1d(np.asarray(t, float)))]
        return [leg.who.id if isinstance(leg, Held) else None for leg in legs]

    def _which(self, times: Floats) -> NDArray[np.int64]:
        starts = np.array([leg.start for leg in self.legs])
        return np.maximum(np.searchsorted(starts, times + 1e-9, side="right") - 1, 0)

    # checks

    def check(self, fastest: float, step_m: float) -> None:
        """Check that it does not fly faster than it can, and does not jump from one place to another.

        Raises:
            ImplausibleError: it does.
        """
        for leg in self.legs[1:]:
            jump = float(np.hypot(*(self.at(leg.start) - self.at(leg.start - STEP_S))[0, :2]))
            if jump > step_m:
                raise ImplausibleError(f"the ball jumps {jump:.2f} m at {leg.start:.2f} s")
        for leg in self.legs:
            if isinstance(leg, Free) and leg.stop > leg.start:
                speed = leg.slowing * leg.gaining * np.linalg.norm(leg.end - leg.begin) / (leg.arrives - leg.start)
                if speed > fastest:
                    raise ImplausibleError(f"the ball flies at {speed:.1f} m/s")


def _flown(leg: Free, t: Floats) -> Floats:
    share = np.clip((t - leg.start) / max(leg.arrives - leg.start, 1e-9), 0.0, 1.0)
    way = (1 - (1 - share) ** leg.slowing) ** leg.gaining
    result: Floats = leg.begin + way[:, None] * (leg.end - leg.begin)
    result[:, 2] += 4 * leg.rise * share * (1 - share)
    return result


def _three(place: Sequence[float] | Floats) -> Floats:
    values = [float(value) for value in place]
    return np.array([*values, 0.0][:3])
