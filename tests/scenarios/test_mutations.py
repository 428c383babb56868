"""Mutation run: every constant of an edition, and every edge that counts, matters to some scenario."""

import mutations
import pytest
from script import load, scripts

from ontologies import registry

EDITIONS = [(domain, edition) for domain in registry.DOMAINS for edition in registry.ontology(domain).editions]
COVERED = {(script["domain"], edition) for script in map(load, scripts()) for edition in script["editions"]}


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("domain", "edition"), EDITIONS)
def test_no_mutant_survives(domain: str, edition: str) -> None:
    assert (domain, edition) in COVERED, "no scenario is judged under this edition"
    tried, survivors = mutations.run(domain, edition)
    assert tried > 0
    assert survivors == []


@pytest.mark.parametrize("name", ["entry_edge", "blue_line_right_outer", "carrier_control_with"])
def test_a_changed_edge_or_reading_is_noticed(name: str) -> None:
    tried, survivors = mutations.run("hockey", "nhl-2025", name)
    assert tried > 0
    assert survivors == []
