"""The proof of a call as a tree: what had to hold, what did, and what each piece of it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from records.calls import Call
from rules import settle
from rules.kleene import WORDS, Truth
from rules.propositions import Leaf, Prop
from rules.reduction import LIMIT
from rules.verdicts import Opportunity

JOINTS = {"and": "all of", "or": "any of", "not": "not"}
CITED, BLOCKING = "*", "!"


@dataclass(frozen=True)
class Step:
    """One node of a proof.

    Attributes:
        text: the statement, or how its parts are joined.
        value: what is known of it, all completions of its unknown atoms considered.
        mark: ``*`` when the verdict rests on it, ``!`` when it stands in the way of one, else empty.
        measure: of an atom: when, margin and sigma with their unit, source.
        parts: what it is put together from.
    """

    text: str
    value: str
    mark: str = ""
    measure: str = ""
    parts: tuple[Step, ...] = ()


def proof(opportunity: Opportunity) -> Step:
    """Return the proof of the call on an opportunity: whether it was a violation, and of what that is made."""
    prop = opportunity.prop
    verdict = settle.settle(prop)
    marks = {leaf.key: CITED for leaf in settle.support(prop, verdict)}
    marks |= {leaf.key: BLOCKING for leaf in settle.blockers(prop)[0]}
    return _step(prop, marks)


def tell(call: Call, opportunity: Opportunity) -> str:
    """Return a call with its proof in words, lines of text.

    Args:
        call: as judged.
        opportunity: what it is on.
    """
    lines = [*_head(call), "", "violation if:", *_tree(proof(opportunity)), ""]
    lines += [f"unless {one.name}: {one.value}" for one in call.exceptions]
    lines += [f"blocked by: {one.atom}" for one in call.blocked_by]
    if call.truncated:
        lines.append(f"more atoms are unknown than the {LIMIT} that are tried in all combinations")
    if call.verdict != "undecided":
        nothing = "no move of one entity, as far as the rule can tell"
        lines.append(f"would flip: {call.would_flip.text if call.would_flip else nothing}")
    lines.append(f"{CITED} the verdict rests on it    {BLOCKING} it stands in the way of a verdict")
    return "\n".join(lines)


def _head(call: Call) -> list[str]:
    who = " ".join((call.team or "", *call.entities)).strip()
    lines = [f"{call.verdict}  {call.id}  {call.clause}"]
    lines.append(f"at {call.t:.3f} s ± {call.t_sigma:.3f}" + (f", {who}" if who else ""))
    if call.opportunity == "possible":
        lines.append("the opportunity may not have happened at all")
    if call.act_t is not None:
        lines.append(f"act at {call.act_t:.3f} s")
    if call.window is not None:
        lines.append(f"evidence from {call.window[0]:.3f} to {call.window[1]:.3f} s")
    if call.parent is not None:
        lines.append(f"belongs to {call.parent}")
    if call.margin is not None:
        margin = call.margin
        atom = call.because[margin.atom].atom
        lines.append(f"margin {margin.value:+.3f} ± {margin.sigma:.3f} {margin.unit}: {atom}")
    if call.probability is not None:
        lines.append(f"probability of a violation {call.probability:.3f}")
    return lines


def _tree(step: Step, indent: str = "", last: bool = True, top: bool = True) -> list[str]:
    branch = "" if top else indent + ("└─ " if last else "├─ ")
    mark = f"{step.mark} " if step.mark else ""
    tail = f"   [{step.measure}]" if step.measure else ""
    lines = [f"{branch}{step.value:7} {mark}{step.text}{tail}"]
    below = "" if top else indent + ("   " if last else "│  ")
    for place, part in enumerate(step.parts, start=1):
        lines += _tree(part, below, place == len(step.parts), False)
    return lines


def _step(prop: Prop, marks: dict[str, str]) -> Step:
    if prop.leaf is not None:
        return Step(prop.leaf.text, WORDS[prop.leaf.value], marks.get(prop.leaf.key, ""), _measure(prop.leaf))
    if prop.name is not None:
        (excuse,) = prop.parts
        inner = _step(excuse, marks)
        parts = (inner,) if inner.measure or not inner.parts else inner.parts
        return Step(f"unless {prop.name} ({inner.value})", WORDS[settle.settle(prop)], "", "", parts)
    if prop.op == "not" and prop.parts[0].leaf is not None:
        leaf = prop.parts[0].leaf
        value: Truth = None if leaf.value is None else not leaf.value
        return Step(f"not: {leaf.text}", WORDS[value], marks.get(leaf.key, ""), _measure(leaf))
    parts = tuple(_step(part, marks) for part in _flat(prop))
    if len(parts) == 1 and not prop.text and prop.op in ("and", "or"):
        return parts[0]
    joint = JOINTS.get(prop.op) or f"at least {prop.number} of {len(parts)}"
    text = f"{prop.text}: {joint}" if prop.text else joint
    return Step(text, WORDS[settle.settle(prop)], "", "", parts)


def _flat(prop: Prop) -> list[Prop]:
    """Return the parts of a proposition, those of nameless parts that are joined likewise in their place."""
    if prop.op not in ("and", "or"):
        return list(prop.parts)
    alike = [part.op == prop.op and not part.text and part.name is None for part in prop.parts]
    return [inner for part, same in zip(prop.parts, alike, strict=True) for inner in (_flat(part) if same else [part])]


def _measure(leaf: Leaf) -> str:
    told = [f"{leaf.t:.3f} s"]
    if leaf.margin is not None and leaf.sigma is not None:
        told.append(f"{leaf.margin:+.3f} ± {leaf.sigma:.3f} {leaf.unit}")
    return ", ".join([*told, leaf.source])
