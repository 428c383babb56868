"""The knobs of the sensors, with units. Zero is off; what is said of an error is true unless a knob says otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from records.errors import InputError
from records.names import unknown

WHERE = "sensors"
ROSTERS = ("honest", "kept", "open")
Knobs = TypeVar("Knobs")


def _within(knobs: Any, low: float, high: float, *names: str) -> None:
    for name in names:
        value = getattr(knobs, name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:
            told = f"from {low:g} to {high:g}"
            raise InputError(f"{name} is {value!r}", f"{WHERE}, {type(knobs).__name__}", f"give a number {told}")


@dataclass(frozen=True)
class Position:
    """Everybody's own error: a first-order Gauss-Markov process (Ornstein-Uhlenbeck) along x and along y.

    It stays with the person, not with the track. Velocities in the truth are left out when it is on: a stack
    would have to take them from these positions.

    Args:
        sigma_m: 1-sigma of a person along each axis, metres.
        ball_sigma_m: of a ball or puck; None: as a person.
        part_sigma_m: of a body part; None: as a person.
        tau_s: time after which the correlation has fallen to 1/e, seconds; 0: white.
    """

    sigma_m: float = 0.0
    ball_sigma_m: float | None = None
    part_sigma_m: float | None = None
    tau_s: float = 0.5

    def __post_init__(self) -> None:
        given = [name for name in ("ball_sigma_m", "part_sigma_m") if getattr(self, name) is not None]
        _within(self, 0.0, 100.0, "sigma_m", *given)
        _within(self, 0.0, 3600.0, "tau_s")

    @property
    def sigmas(self) -> dict[str, float]:
        """1-sigma of ``person``, ``ball`` and ``part``, metres."""
        own = self.sigma_m
        return {
            "person": own,
            "ball": own if self.ball_sigma_m is None else self.ball_sigma_m,
            "part": own if self.part_sigma_m is None else self.part_sigma_m,
        }


@dataclass(frozen=True)
class Registration:
    """The error that everything in a frame shares: shifts, and affine modes that grow from the middle of the field.

    Args:
        sigma_m: 1-sigma of the shift across the field, metres.
        along: how many times larger errors along the field are.
        affine_m: 1-sigma of each affine mode 30 m from the middle of the field, across it, metres.
        tau_s: correlation time, seconds.
    """

    sigma_m: float = 0.0
    along: float = 3.0
    affine_m: float = 0.0
    tau_s: float = 2.0

    def __post_init__(self) -> None:
        _within(self, 0.0, 100.0, "sigma_m", "along", "affine_m")
        _within(self, 0.0, 3600.0, "tau_s")


@dataclass(frozen=True)
class Misses:
    """Who is there and not seen.

    Args:
        share: of a person's time that he is not seen, in bursts.
        ball_share: of a ball's or puck's; None: as a person.
        burst_s: mean length of a burst, seconds.
        occluded: share of the times somebody stands behind another, seen from the camera, that he is lost.
        camera: where it stands, metres: along the field, across it (negative: near side), above it.
        whole: share of the people who are never tracked at all; the roster is opened then.
    """

    share: float = 0.0
    ball_share: float | None = None
    burst_s: float = 0.4
    occluded: float = 0.0
    camera: tuple[float, float, float] = (0.0, -50.0, 15.0)
    whole: float = 0.0

    def __post_init__(self) -> None:
        given = ("ball_share",) if self.ball_share is not None else ()
        _within(self, 0.0, 1.0, "share", "occluded", "whole", *given)
        _within(self, 1e-3, 3600.0, "burst_s")
        if len(self.camera) != 3 or not self.camera[2] > 2.0:
            raise InputError(
                f"camera is {self.camera}", f"{WHERE}, Misses", "give [x, y, z] in metres, higher than a person"
            )


@dataclass(frozen=True)
class FalseTracks:
    """Tracks of nobody: they stand or stroll somewhere on the field, as staff or unknown, in no team.

    Args:
        per_minute: how many begin in a minute.
        length_s: mean length, seconds.
        named: share that is said to be a player of a team: a stack that errs without a word.
    """

    per_minute: float = 0.0
    length_s: float = 1.5
    named: float = 0.0

    def __post_init__(self) -> None:
        _within(self, 0.0, 6000.0, "per_minute")
        _within(self, 1e-3, 3600.0, "length_s")
        _within(self, 0.0, 1.0, "named")


@dataclass(frozen=True)
class Confusions:
    """Who is who after two people passed close to each other.

    Only people of one kind are confused, and only those of one team while the kits tell. An honest stack that
    lost count ends both tracks there and begins two new ones, without a number, with the team and the role that
    both had. A stack that guesses (``hidden``) hands each track on to the other person and does not say so.

    Args:
        chance: that who is who is lost when two come within the distance.
        within_m: the distance, metres.
        kits_tell: kits show the teams, so that nobody is taken for an opponent.
        hidden: share of these cases that become a swap that nothing in the scene shows.
    """

    chance: float = 0.0
    within_m: float = 1.0
    kits_tell: bool = True
    hidden: float = 0.0

    def __post_init__(self) -> None:
        _within(self, 0.0, 1.0, "chance", "hidden")
        _within(self, 0.0, 100.0, "within_m")


@dataclass(frozen=True)
class Gaps:
    """Stretches in which nothing is seen at all: close-ups, replays, lost frames.

    No event is noted there, and none is claimed to be: ``complete`` is withdrawn. What was seen to last
    is known to have lasted until the gap.

    Args:
        per_minute: how many begin in a minute.
        length_s: of each, seconds.
        hidden: nothing is withdrawn: a stack that does not know that it was blind.
    """

    per_minute: float = 0.0
    length_s: float = 1.0
    hidden: bool = False

    def __post_init__(self) -> None:
        _within(self, 0.0, 6000.0, "per_minute")
        _within(self, 0.0, 3600.0, "length_s")


@dataclass(frozen=True)
class Frames:
    """Fewer frames, at times that are not quite regular but known.

    Args:
        fps: frames a second; 0: all that the truth has.
        jitter: greatest shift of a frame, share of the step between two.
    """

    fps: float = 0.0
    jitter: float = 0.0

    def __post_init__(self) -> None:
        _within(self, 0.0, 1000.0, "fps")
        _within(self, 0.0, 0.5, "jitter")


@dataclass(frozen=True)
class Unknowns:
    """What is not known of a tracked person, all along.

    Args:
        team: share of the people.
        kind: share of the people: whether player, official or other.
        role: share of the people.
        number: share of the people.
    """

    team: float = 0.0
    kind: float = 0.0
    role: float = 0.0
    number: float = 0.0

    def __post_init__(self) -> None:
        _within(self, 0.0, 1.0, "team", "kind", "role", "number")


@dataclass(frozen=True)
class Events:
    """Events that are missed, or noted at another time than that of the tracks.

    Args:
        missed: share that is not noted; ``complete`` is withdrawn for the kinds concerned.
        lag_s: 1-sigma of one offset of all events of a scene against its tracks, seconds.
        jitter_s: 1-sigma of each event's own error in time, seconds.
        kinds: of event that may be missed; empty: all but the whistle, since all that is not said to be stopped is
            live to the rules, and a stack that can miss a whistle would have to say so in ``segments``.
        hidden: ``complete`` is not withdrawn: a stack that does not know what it missed.
    """

    missed: float = 0.0
    lag_s: float = 0.0
    jitter_s: float = 0.0
    kinds: tuple[str, ...] = ()
    hidden: bool = False

    def __post_init__(self) -> None:
        _within(self, 0.0, 1.0, "missed")
        _within(self, 0.0, 3600.0, "lag_s", "jitter_s")


@dataclass(frozen=True)
class View:
    """A camera that pans after the ball, or after the people where there is none; who is outside is not seen.

    Args:
        width_m: of the part of the field in view, along the field; 0: everything is in view.
        lag_s: how far the camera lags behind, seconds.
    """

    width_m: float = 0.0
    lag_s: float = 0.5

    def __post_init__(self) -> None:
        _within(self, 0.0, 1000.0, "width_m")
        _within(self, 0.0, 60.0, "lag_s")


@dataclass(frozen=True)
class Sensors:
    """All knobs together.

    Args:
        position: own errors of positions.
        registration: shared ones.
        misses: who is not seen.
        false_tracks: who is seen and not there.
        confusions: who is who after a close pass.
        gaps: when nothing is seen.
        frames: how often something is seen.
        unknowns: what is not known of somebody.
        events: what is not noted, or late.
        view: where the camera looks.
        claimed: factor on every sigma that the scene states; 1 is honest.
        roster: ``honest``: opened when whole people can be missed; ``kept``: as in the truth; ``open``.
    """

    position: Position = field(default_factory=Position)
    registration: Registration = field(default_factory=Registration)
    misses: Misses = field(default_factory=Misses)
    false_tracks: FalseTracks = field(default_factory=FalseTracks)
    confusions: Confusions = field(default_factory=Confusions)
    gaps: Gaps = field(default_factory=Gaps)
    frames: Frames = field(default_factory=Frames)
    unknowns: Unknowns = field(default_factory=Unknowns)
    events: Events = field(default_factory=Events)
    view: View = field(default_factory=View)
    claimed: float = 1.0
    roster: str = "honest"

    def __post_init__(self) -> None:
        _within(self, 0.0, 1000.0, "claimed")
        if self.roster not in ROSTERS:
            raise unknown("roster", self.roster, ROSTERS, WHERE)


GROUPS: dict[str, type[Any]] = {
    "position": Position, "registration": Registration, "misses": Misses, "false_tracks": FalseTracks,
    "confusions": Confusions, "gaps": Gaps, "frames": Frames, "unknowns": Unknowns, "events": Events, "view": View,
}  # fmt: skip


def parse(given: Mapping[str, Any]) -> Sensors:
    """Return the sensors of a mapping, as a configuration file has it; what it leaves out is off.

    Raises:
        InputError: on an unknown knob or a value out of range.

    >>> parse({"position": {"sigma_m": 0.2}, "claimed": 0.5}).position.sigma_m
    0.2
    """
    made: dict[str, Any] = {}
    for name, value in given.items():
        if name in GROUPS:
            made[name] = _group(GROUPS[name], name, value)
        elif name in ("claimed", "roster"):
            made[name] = value
        else:
            raise unknown("knob", name, [*GROUPS, "claimed", "roster"], WHERE)
    return Sensors(**made)


def _group(kind: type[Knobs], name: str, value: Any) -> Knobs:
    if not isinstance(value, Mapping):
        raise InputError(f"{name} is {value!r}", WHERE, "give its knobs, e.g. {sigma_m: 0.2}")
    known = [one.name for one in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for knob in value:
        if knob not in known:
            raise unknown(f"knob of {name}", knob, known, WHERE)
    return kind(**{knob: tuple(item) if isinstance(item, list) else item for knob, item in value.items()})
