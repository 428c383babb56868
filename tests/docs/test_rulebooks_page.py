"""docs/rulebooks.md is what the rules, the editions and the scenarios say now."""

from pathlib import Path

import pytest

from ontologies import registry
from records.errors import InputError
from review import rule_tables
from rules.registry import EDITIONS, RULES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rulebooks.md"


def test_the_page_is_current() -> None:
    made = rule_tables.page(rule_tables.scenarios(ROOT / "tests" / "scenarios"))
    assert PAGE.read_text(encoding="utf-8") == made, "run scripts/write_rule_tables.py"


def test_every_rule_and_every_constant_is_in_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in RULES)
    for domain in EDITIONS:
        for edition in registry.ontology(domain).editions.values():
            assert all(f"`{name}`" in text for name in edition.constants)
    assert "FIBA has no defensive three seconds" in text


def test_unconfirmed_constants_are_marked_and_a_missing_rule_says_why() -> None:
    table = rule_tables.constants_table("hockey")
    row = next(line for line in table.splitlines() if line.startswith("| `change_distance`"))
    assert "5 ft" in row
    unconfirmed = [
        one for one in registry.ontology("hockey").editions["iihf-2025"].constants.values() if not one.confirmed
    ]
    assert unconfirmed
    assert all(any(f"`{one.name}`" in line and "†" in line for line in table.splitlines()) for one in unconfirmed)


def test_a_scenario_that_tells_nothing_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "hockey" / "offside"
    place.mkdir(parents=True)
    (place / "clear_x.yaml").write_text("title: nothing\n")
    with pytest.raises(InputError, match="editions, expect"):
        rule_tables.scenarios(tmp_path)
