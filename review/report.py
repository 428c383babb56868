"""report.html: one file, opens offline; what was called, on what evidence, and what could not be."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import jinja2

from perception.decode import open_video
from pipeline.judging import judged
from pipeline.run import STATUSES
from pipeline.trace import remark
from records import tables
from records.calls import Call, Coverage
from records.files import write_text
from review import overlay
from review.view import RunView
from rules.explain import Step, proof

PICTURE_QUALITY = 82  # JPEG
TIMELINE_WIDTH = 900  # units of the timeline's own coordinates


@dataclass(frozen=True)
class Card:
    """What the report shows of one call.

    Attributes:
        call: as in ``calls.json``.
        frame: index of the deciding frame.
        picture: that frame, a data URI.
        plan: the field from above, a data URI.
        proof: the tree of what had to hold; None when judging again does not give this call.
    """

    call: Call
    frame: int
    picture: str
    plan: str
    proof: Step | None


@dataclass(frozen=True)
class Lane:
    """One row of the timeline: a rule, its coverage as (left, width, status, tip) and its calls as (x, call)."""

    rule: str
    spans: Sequence[tuple[float, float, str, str]]
    marks: Sequence[tuple[float, Call]]


def write_report(view: RunView, video: Path) -> Path:
    """Write the report of a run.

    Args:
        view: the run folder.
        video: the footage that it was made from, for the deciding frames.

    Returns:
        The path of the report.
    """
    path = view.folder / "report.html"
    proofs = {call.id: proof(opportunity) for call, opportunity in judged(view.scene)}
    cards = [_card(view, call, video, proofs.get(call.id)) for call in view.calls.calls]
    stages = [row for row in view.tables["trace"].to_pylist()]
    dropped = Counter(tables.column(view.tables["dropped"], "reason").tolist())
    page = _template().render(
        view=view,
        cards=cards,
        lanes=_lanes(view),
        width=TIMELINE_WIDTH,
        verdicts=Counter(call.verdict for call in view.calls.calls),
        blind=[span for span in view.calls.coverage if span.status == "blind"],
        stages=_by_stage(stages),
        dropped=sorted(dropped.items(), key=lambda item: (-item[1], item[0])),
    )
    write_text(path, page)
    return path


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("review"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _card(view: RunView, call: Call, video: Path, tree: Step | None) -> Card:
    moment = view.moment(view.frame_at(call.t))
    image = next(iter(open_video(video).at([moment.frame], judged=False))).image
    overlay.scene(view, moment, image, frozenset(call.entities))
    return Card(call, moment.frame, _data_uri(image, ".jpg"), _data_uri(view.drawing.plan(moment), ".png"), tree)


def _data_uri(image: Any, suffix: str) -> str:
    options = [cv2.IMWRITE_JPEG_QUALITY, PICTURE_QUALITY] if suffix == ".jpg" else []
    _, encoded = cv2.imencode(suffix, image, options)
    kind = "jpeg" if suffix == ".jpg" else "png"
    return f"data:image/{kind};base64,{base64.b64encode(encoded.tobytes()).decode()}"


def _lanes(view: RunView) -> list[Lane]:
    start, stop = float(view.times[0]), float(view.times[-1])

    def place(t: float) -> float:
        inside = min(max(t, start), stop)
        return TIMELINE_WIDTH * (inside - start) / max(stop - start, 1e-9)

    def span(item: Coverage) -> tuple[float, float, str, str]:
        left, right = place(item.span.start), place(item.span.stop)
        return left, right - left, item.status, f"{item.status}: {item.why or ''}".rstrip(": ")

    rules = sorted({item.rule for item in view.calls.coverage} | {call.rule for call in view.calls.calls})
    return [
        Lane(
            rule,
            [span(item) for item in view.calls.coverage if item.rule == rule],
            [(place(call.t), call) for call in view.calls.calls if call.rule == rule],
        )
        for rule in rules
    ]


def _by_stage(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Sum the trace up: one row per stage, its worst status and every reason once.

    How long it took, and what came from the cache, stays in the trace: the same input gives the same report.
    """
    result: dict[str, dict[str, Any]] = {}
    for row in rows:
        told = result.setdefault(row["stage"], {"stage": row["stage"], "status": "ok", "reasons": [], "rows": 0})
        told["status"] = max(told["status"], row["status"], key=STATUSES.index)
        told["rows"] += row["rows"] or 0
        said = remark(row["reason"])
        if said and said not in told["reasons"]:
            told["reasons"].append(said)
    return list(result.values())
