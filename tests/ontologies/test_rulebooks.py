from dataclasses import replace

import pytest

from ontologies import basketball, football, hockey, registry, soccer
from ontologies.base import FACTORS, choice
from records.errors import InputError

MODULES = (hockey, football, basketball, soccer)


@pytest.mark.parametrize("module", MODULES)
def test_every_number_has_a_unit_and_a_source(module):
    sets = [*module.PRESETS.values(), *(edition.constants for edition in module.EDITIONS.values())]
    for constants in sets:
        for name, one in constants.items():
            assert name == one.name
            assert one.source
            assert (one.unit == "") == isinstance(one.value, str)
            assert one.unit in FACTORS or one.unit == ""
            assert not ("background" in one.source and one.confirmed), f"{name} is confirmed by nothing"


def test_constants_of_the_rulebooks():
    nhl, iihf = registry.edition("nhl-2025"), registry.edition("iihf-2025")
    assert nhl.si("change_distance") == pytest.approx(1.524)
    assert iihf.si("change_distance") == pytest.approx(1.5)
    assert (nhl.choice("carrier_control_with"), iihf.choice("carrier_control_with")) == ("stick", "any")
    nfl, ncaa = registry.edition("nfl-2025"), registry.edition("ncaa-2025")
    assert nfl.si("neutral_zone_length") == pytest.approx(0.2794)
    assert nfl.si("line_players_min") == 7.0
    assert (ncaa.si("backs_max"), ncaa.si("line_numbered_min")) == (4.0, 5.0)
    assert "line_players_min" not in ncaa.constants
    with pytest.raises(InputError, match="did you mean 'set_duration'"):
        nfl.si("set_durations")
    with pytest.raises(InputError, match="choice"):
        nhl.si("tag_up")


def test_a_choice_is_one_of_its_readings():
    nfl = registry.edition("nfl-2025")
    assert nfl.reads("formation", "players on the line")
    assert not nfl.reads("formation", "backs and numbered linemen")
    with pytest.raises(InputError, match="unknown reading of 'formation' in nfl-2025 'players on line'"):
        nfl.reads("formation", "players on line")
    with pytest.raises(InputError, match="unknown reading of 'tag_up' 'contakt'; did you mean 'contact'"):
        choice("tag_up", "contakt", ("contact", "plane"), "rule 83")
    with pytest.raises(InputError, match="unknown reading"):
        replace(nfl["formation"], value="seven on the line")


@pytest.mark.parametrize("module", MODULES)
def test_kinds_have_sizes_speeds_and_sigmas(module):
    thing = module.ONTOLOGY
    for kind in thing.kinds.values():
        assert 0.01 < kind.footprint_m < 1.5
        assert 5.0 < kind.top_speed < 60.0
        sigmas = [thing.sigma(kind.name, level) for level in ("point", "box", "pose")]
        assert sigmas == sorted(sigmas, reverse=True)
        assert sigmas[-1] > 0
    assert thing.kind(None).name == "unknown"
    with pytest.raises(InputError, match=r"did you mean .*'player'"):
        thing.footprint("playr")


@pytest.mark.parametrize("module", MODULES)
def test_editions_point_to_fields_and_domains_that_exist(module):
    for edition in module.EDITIONS.values():
        assert edition.domain == module.ONTOLOGY.domain
        assert edition.field_preset in module.PRESETS


def test_domains_and_editions_that_do_not_exist_say_which_do():
    with pytest.raises(InputError, match="did you mean 'hockey'"):
        registry.ontology("hokey")
    with pytest.raises(InputError, match="'ifab-2025'"):
        registry.edition("ifab-2024")
    with pytest.raises(InputError, match="is of football, not hockey"):
        registry.edition("nfl-2025", "hockey")
