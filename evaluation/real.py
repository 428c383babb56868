"""A run on real footage against hand labels: the figures that count, each with its target."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation import people, registration
from ontologies import registry
from perception.registration.project import FrameRegistration, by_frame
from pipeline.fields import field_rise
from records import tables
from records.scene import read_scene


@dataclass(frozen=True)
class Figure:
    """One figure: its value, what it should be, and whether it is."""

    name: str
    value: float
    target: str
    good: bool
    unit: str = ""

    def __str__(self) -> str:
        shown = f"{100 * self.value:.1f} %" if self.unit == "%" else f"{self.value:.3g} {self.unit}".strip()
        return f"{'pass' if self.good else 'MISS'}  {self.name:<58} {shown:>9}   target {self.target}"


@dataclass(frozen=True)
class Assessment:
    """All figures of one clip, and in lines what is behind them."""

    figures: tuple[Figure, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Targets:
    """What a domain should reach."""

    recall: float
    unknown: float
    switches: int


TARGETS: Mapping[str, Targets] = {"hockey": Targets(0.90, 0.10, 2), "football": Targets(0.80, 0.15, 4)}


def assess(run: str | Path, labels: str | Path) -> Assessment:
    """Compare a run folder with the labels of its clip.

    Args:
        run: the run folder.
        labels: folder with ``people.yaml`` and ``heldout.yaml``.

    Raises:
        InputError: if something is missing in either.
    """
    run, labels = Path(run), Path(labels)
    scene = read_scene(run)
    field = registry.field(scene.domain, scene.field, scene.edition)
    frames = tables.read(run / "frames.parquet", "frames")
    places = Places(frames, by_frame(tables.read(run / "registrations.parquet", "registrations"), field_rise(field)))
    score = registration.held_back(registration.read_points(labels / "heldout.yaml"), field, places.at)
    found = people.compare(people.read_people(labels / "people.yaml"), scene.tracks, places.to_field, places.in_picture)
    return Assessment(_figures(score, found, TARGETS[scene.domain]), (*score.notes, *found.notes))


class Places:
    """Registrations by time.

    Args:
        frames: the ``frames`` table.
        views: registrations by frame.
    """

    def __init__(self, frames: object, views: Mapping[int, FrameRegistration]) -> None:
        self.times = tables.column(frames, "t")
        self.names = tables.column(frames, "frame")
        self.size = tables.column(frames, "width")[0], tables.column(frames, "height")[0]
        self.views = views

    def at(self, t: float) -> FrameRegistration | None:
        """Return the registration of the frame nearest to a time, None where it is lost."""
        view = self.views.get(int(self.names[int(np.argmin(np.abs(self.times - t)))]))
        return view if view is not None and view.usable else None

    def to_field(self, t: float, uv: np.ndarray) -> np.ndarray:
        """Map pixels N x 2 to the ground N x 2; nan where the frame is lost."""
        view = self.at(t)
        return np.full_like(uv, np.nan) if view is None else view.to_field(uv)

    def in_picture(self, t: float, xy: np.ndarray) -> np.ndarray:
        """Return for N ground points whether the camera sees them."""
        view = self.at(t)
        if view is None or not len(xy):
            return np.zeros(len(xy), bool)
        u, v = view.to_image(xy).T
        return (u >= 0) & (u < self.size[0]) & (v >= 0) & (v < self.size[1])


def _figures(points: registration.RegistrationScore, found: people.PeopleScore, targets: Targets) -> tuple[Figure, ...]:
    recall, unknown, switches = targets.recall, targets.unknown, targets.switches
    return (
        Figure("median error of held-back field points", points.median_m, "<= 0.4 m", points.median_m <= 0.4, "m"),
        Figure("held-back points inside their own 2-sigma region", points.inside, "88 to 99 %",
               0.88 <= points.inside <= 0.99, "%"),
        Figure("people on the field tracked at labelled frames", found.recall, f">= {100 * recall:.0f} %",
               found.recall >= recall, "%"),
        Figure("spectators, bench, staff among tracks", found.strangers, "0", found.strangers == 0),
        Figure("team right, of those not unknown", found.team_accuracy, ">= 97 %", found.team_accuracy >= 0.97, "%"),
        Figure("share of unknown teams", found.unknown_share, f"<= {100 * unknown:.0f} %",
               found.unknown_share <= unknown, "%"),
        Figure("identity switches at labelled frames", found.switches, f"<= {switches}", found.switches <= switches),
    )  # fmt: skip
