"""The tables of docs/rulebooks.md: which rule needs what, every constant of every edition, the scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from ontologies import registry
from ontologies.base import Constant
from records.errors import InputError
from rules.registry import EDITIONS, RULES, Rule, lacks, rules_of

HEAD = """# Rulebooks

Written by `python scripts/write_rule_tables.py` from the rules, the editions and the scenarios.

## What a rule needs

A rule says what it needs of a scene to decide all its opportunities; what is missing makes it abstain. *Resolution* is
the coarsest that settles near cases: `point` (a point on the ground), `box` (a person's box) or `pose` (body parts).
*Events* are those it reads, *judgements* those that only a person can give and that may excuse, *context* the keys of
`scene.yaml` and the optional tables.
"""

CONSTANTS = """
## Constants

Everything that decides, by edition. † is unconfirmed: background knowledge, or a reading where the text leaves one.
"""

SCENARIOS = """
## Scenarios

What happens in every scenario of `tests/scenarios`, and the verdict that it has to get.
"""


@dataclass(frozen=True)
class Scenario:
    """One scenario of the corpus: rule, title, and the expected verdicts by edition."""

    rule: str
    title: str
    verdicts: Mapping[str, tuple[str, ...]]


def page(corpus: Iterable[Scenario]) -> str:
    """Return docs/rulebooks.md.

    Args:
        corpus: the scenarios, in any order.
    """
    listed = sorted(corpus, key=lambda one: (list(RULES).index(one.rule), one.title))
    parts = [HEAD]
    parts += [f"### {domain.capitalize()}\n\n{needs_table(domain)}" for domain in EDITIONS]
    parts.append(CONSTANTS)
    parts += [f"### {domain.capitalize()}\n\n{constants_table(domain)}" for domain in EDITIONS]
    parts.append(SCENARIOS)
    for name in RULES:
        own = [one for one in listed if one.rule == name]
        if own:
            parts.append(f"### {name}\n\n{scenarios_table(own)}")
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def needs_table(domain: str) -> str:
    """Return the table rule x edition x needs of a domain."""
    rows = []
    for name, rule in rules_of(domain).items():
        clauses = [_clause(name, rule, edition) for edition in EDITIONS[domain]]
        needs = ["", "", "", "", ""]
        if rule is not None:
            own = rule.needs
            needs = [
                own.resolution,
                *(", ".join(each) for each in (own.events, own.judgements, own.clocks, own.context)),
            ]
        rows.append([f"`{name}`", *clauses, *needs])
    return _table(["Rule", *EDITIONS[domain], "Resolution", "Events", "Judgements", "Clocks", "Context"], rows)


def _clause(name: str, rule: Rule | None, edition: str) -> str:
    missing = lacks(name, edition)
    if missing is not None:
        return f"not applicable: {missing}"
    return "no rule file yet" if rule is None else rule.clause[edition]


def constants_table(domain: str) -> str:
    """Return every constant of a domain's editions: value, unit, source, unconfirmed marked."""
    editions = [registry.ontology(domain).editions[name] for name in EDITIONS[domain]]
    names = sorted({name for edition in editions for name in edition.constants})
    rows = []
    for name in names:
        own = [edition.constants.get(name) for edition in editions]
        sources = dict.fromkeys(one.source for one in own if one is not None)
        rows.append([f"`{name}`", *map(_value, own), "; ".join(sources)])
    return _table(["Constant", *EDITIONS[domain], "Source"], rows)


def _value(constant: Constant | None) -> str:
    if constant is None:
        return ""
    value = constant.value if isinstance(constant.value, str) else f"{constant.value:g} {constant.unit}".strip()
    return value if constant.confirmed else f"{value} †"


def scenarios_table(corpus: Sequence[Scenario]) -> str:
    """Return the scenarios of one rule: what has to come out under each edition, and what happens."""
    editions = [name for name in EDITIONS[corpus[0].rule.partition(".")[0]]]
    rows = [[*(_expected(one, edition) for edition in editions), one.title] for one in corpus]
    return _table([*editions, "What happens"], sorted(rows))


def _expected(one: Scenario, edition: str) -> str:
    if edition not in one.verdicts:
        return ""
    return ", ".join(one.verdicts[edition]) or "no call"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def scenarios(folder: Path) -> list[Scenario]:
    """Read the corpus: ``<domain>/<rule>/*.yaml`` below a folder.

    Raises:
        InputError: when a scenario is no mapping, or lacks what the table tells.
    """
    found = []
    for path in sorted(folder.glob("*/*/*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        missing = {"title", "editions", "expect"} - set(content if isinstance(content, dict) else ())
        if missing:
            raise InputError(f"a scenario needs {', '.join(sorted(missing))}", where=str(path))
        rule = f"{path.parent.parent.name}.{path.parent.name}"
        expected = content["expect"].get(rule, [])
        verdicts = {}
        for edition in content["editions"]:
            own = expected.get(edition, []) if isinstance(expected, dict) else expected
            verdicts[edition] = (own,) if isinstance(own, str) else tuple(own)
        found.append(Scenario(rule, str(content["title"]).strip(), verdicts))
    return found
