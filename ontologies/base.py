"""What a domain's ontology holds: kinds, roles, states, events, editions. Pure data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from records.errors import InputError
from records.names import unknown
from records.units import FT, IN, YD

LENGTHS = {"m": 1.0, "cm": 0.01, "ft": FT, "in": IN, "yd": YD}
FACTORS = LENGTHS | {"s": 1.0, "m/s": 1.0, "m/s2": 1.0, "count": 1.0, "deg": 1.0}
BACKGROUND = "background knowledge"


@dataclass(frozen=True)
class Constant:
    """A number or a choice of a rulebook.

    Args:
        name: what it is.
        value: in ``unit``; text for a choice between readings.
        unit: a key of ``FACTORS``; empty for a choice.
        source: where it was read.
        confirmed: False where nothing but background knowledge says so.
        readings: those that a choice is made from; empty for a number.

    Raises:
        InputError: on a choice that is none of its readings.
    """

    name: str
    value: float | str
    unit: str
    source: str
    confirmed: bool = True
    readings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.value, str) and self.value not in self.readings:
            raise unknown(f"reading of '{self.name}'", self.value, self.readings)

    @property
    def si(self) -> float:
        """The value in metres, seconds or counts.

        Raises:
            InputError: if it is a choice, not a number.

        >>> round(Constant("change_distance", 5.0, "ft", "NHL 74.1").si, 3)
        1.524
        """
        if isinstance(self.value, str):
            raise InputError(f"constant '{self.name}' is a choice, '{self.value}', not a number")
        return self.value * FACTORS[self.unit]


def guess(name: str, value: float | str, unit: str, source: str = BACKGROUND) -> Constant:
    """Return a constant that nothing but background knowledge confirms."""
    return Constant(name, value, unit, source, confirmed=False)


def choice(name: str, value: str, readings: tuple[str, ...], source: str, confirmed: bool = True) -> Constant:
    """Return a constant that is one of several readings.

    Raises:
        InputError: if it is none of them.

    >>> choice("tag_up", "contact", ("contact", "plane"), "rule 83").value
    'contact'
    """
    return Constant(name, value, "", source, confirmed, readings)


@dataclass(frozen=True)
class Edition:
    """One rulebook of one year: its constants and the field it is played on.

    Args:
        id: e.g. ``nhl-2025``.
        title: for people.
        domain: sport.
        field_preset: default geometry.
        constants: name -> constant.
    """

    id: str
    title: str
    domain: str
    field_preset: str
    constants: Mapping[str, Constant]

    def __getitem__(self, name: str) -> Constant:
        """Return a constant.

        Raises:
            InputError: if the edition has none of that name.
        """
        if name not in self.constants:
            raise unknown(f"constant of {self.id}", name, self.constants)
        return self.constants[name]

    def si(self, name: str) -> float:
        """Return a constant in metres, seconds or counts.

        Raises:
            InputError: if the edition has none of that name, or it is a choice.
        """
        return self[name].si

    def choice(self, name: str) -> str:
        """Return the reading that the edition chose.

        Raises:
            InputError: if the edition has none of that name, or it is a number.
        """
        value = self[name].value
        if not isinstance(value, str):
            raise InputError(f"constant '{name}' of {self.id} is a number, not a choice")
        return value

    def reads(self, name: str, reading: str) -> bool:
        """Return whether the edition chose a reading.

        Raises:
            InputError: if the edition has no such constant, it is a number, or that is none of its readings.
        """
        value = self.choice(name)
        if reading not in self[name].readings:
            raise unknown(f"reading of '{name}' in {self.id}", reading, self[name].readings)
        return value == reading


@dataclass(frozen=True)
class Kind:
    """What an entity can be.

    Args:
        name: as in the tables.
        meaning: for people.
        footprint_m: radius of the disc around the ground point that holds what touches the ground, or
            the radius of a ball or puck.
        sigma_m: default own 1-sigma of a position, by what the source supports: point, box, pose.
        top_speed: the greatest possible speed, m/s; positions widen by it in a gap.
        person: whether it is one.
    """

    name: str
    meaning: str
    footprint_m: float
    sigma_m: Mapping[str, float]
    top_speed: float
    person: bool = True


@dataclass(frozen=True)
class EventKind:
    """What can happen.

    Args:
        name: as in the tables.
        meaning: for people.
        details: the values of ``detail``; empty: any text.
        lasting: it holds until ``until`` or until another event ends it.
        judgement: somebody's judgement, apart from what was observed.
    """

    name: str
    meaning: str
    details: tuple[str, ...] = ()
    lasting: bool = False
    judgement: bool = False


@dataclass(frozen=True)
class Defaults:
    """What an empty cell means, for every kind.

    Args:
        common_m: 1-sigma shared by everything in a frame.
        tau_s: correlation time of position errors.
        velocity_sigma: 1-sigma of a velocity, m/s.
        part_sigma_m: 1-sigma of a body part.
        t_sigma_s: 1-sigma of an event's time.
        event_p: probability that a listed event happened.
        clock_sigma_s: 1-sigma of a clock reading: a display of whole seconds.
        los_sigma_m: 1-sigma of a line of scrimmage.
        recall: share of the people in view that are tracked.
    """

    common_m: float = 0.15
    tau_s: float = 0.5
    velocity_sigma: float = 0.5
    part_sigma_m: float = 0.1
    t_sigma_s: float = 0.1
    event_p: float = 0.99
    clock_sigma_s: float = 0.29
    los_sigma_m: float = 0.3
    recall: float = 0.9


@dataclass(frozen=True)
class Ontology:
    """What exists in a domain.

    Args:
        domain: sport.
        kinds: name -> kind of entity.
        roles: those that rules know; others are kept and ignored.
        states: of play.
        event_kinds: name -> kind of event.
        parts: names of body parts.
        editions: id -> rulebook.
        presets: names of field geometries.
        team_size: players of a team in play at full strength.
        defaults: what empty cells mean.
    """

    domain: str
    kinds: Mapping[str, Kind]
    roles: tuple[str, ...]
    states: tuple[str, ...]
    event_kinds: Mapping[str, EventKind]
    parts: tuple[str, ...]
    editions: Mapping[str, Edition]
    presets: tuple[str, ...]
    team_size: int
    defaults: Defaults = field(default_factory=Defaults)

    def kind(self, name: str | None) -> Kind:
        """Return a kind; none is the unknown kind.

        Raises:
            InputError: if there is none of that name.
        """
        key = "unknown" if name is None else name
        if key not in self.kinds:
            raise unknown(f"kind of {self.domain}", key, self.kinds)
        return self.kinds[key]

    def footprint(self, kind: str | None) -> float:
        """Return the radius of the disc on the ground, metres."""
        return self.kind(kind).footprint_m

    def sigma(self, kind: str | None, resolution: str | None = None) -> float:
        """Return the default own 1-sigma of a position, metres; ``resolution`` point, box or pose."""
        return self.kind(kind).sigma_m[resolution or "point"]

    def top_speed(self, kind: str | None) -> float:
        """Return the greatest possible speed, m/s."""
        return self.kind(kind).top_speed

    def edition(self, name: str) -> Edition:
        """Return an edition.

        Raises:
            InputError: if the domain has none of that name.
        """
        if name not in self.editions:
            raise unknown(f"edition of {self.domain}", name, self.editions)
        return self.editions[name]


def by_name(*items: Constant) -> dict[str, Constant]:
    """Return constants by their names."""
    return {item.name: item for item in items}


PERSON_SIGMA = {"point": 0.4, "box": 0.3, "pose": 0.15}
SMALL_SIGMA = {"point": 0.3, "box": 0.25, "pose": 0.25}

COMMON_PARTS = ("head", "torso", "left_foot", "right_foot", "left_hand", "right_hand")

COMMON_EVENTS = (
    EventKind("whistle", "play is stopped by an official"),
    EventKind("possession", "entity or team gains control, until lost or until", lasting=True),
    EventKind("loose", "nobody controls the ball or puck any more", lasting=True),
    EventKind(
        "touch",
        "entity touches the ball or puck",
        ("stick", "skate", "body", "hand", "foot", "head", "deflection", "forced"),
    ),
    EventKind("deliberate_play", "entity played the ball or puck on purpose", judgement=True),
    EventKind("could_play", "entity could have played the ball or puck", judgement=True),
    EventKind("exit_imminent", "entity is about to leave", lasting=True, judgement=True),
    EventKind("guarding", "entity guards an opponent actively", lasting=True, judgement=True),
    EventKind("interfering", "entity interferes with play or an opponent", judgement=True),
)
