"""Which domains there are, and where their ontologies are."""

from collections.abc import Callable, Mapping

from ontologies import basketball, football, hockey, soccer
from ontologies.base import Edition, Ontology
from ontologies.field import Field
from records.errors import InputError
from records.names import unknown
from records.scene import FieldChoice

_ONTOLOGIES: dict[str, Ontology] = {
    "basketball": basketball.ONTOLOGY,
    "football": football.ONTOLOGY,
    "hockey": hockey.ONTOLOGY,
    "soccer": soccer.ONTOLOGY,
}
_FIELDS: dict[str, Callable[[str, float | None, float | None], Field]] = {
    "basketball": basketball.field,
    "football": football.field,
    "hockey": hockey.field,
    "soccer": soccer.field,
}

_USUAL_SIZES = {"soccer": soccer.INTERNATIONAL_M}

DOMAINS: tuple[str, ...] = tuple(_ONTOLOGIES)


def ontology(domain: str, where: str = "") -> Ontology:
    """Return the ontology of a domain.

    Raises:
        InputError: if there is none, naming those that there are.

    >>> ontology("hockey").team_size
    6
    """
    if domain not in _ONTOLOGIES:
        raise unknown("domain", domain, DOMAINS, where)
    return _ONTOLOGIES[domain]


def edition(name: str, domain: str | None = None, where: str = "") -> Edition:
    """Return a rulebook by its id.

    Args:
        name: e.g. ``nhl-2025``.
        domain: which the edition must belong to; None: any.
        where: named in errors.

    Raises:
        InputError: if there is none, or it belongs to another domain.

    >>> edition("ncaa-2025").domain
    'football'
    """
    found = {one.id: one for thing in _ONTOLOGIES.values() for one in thing.editions.values()}
    if name not in found:
        raise unknown("edition", name, found, where)
    if domain is not None and found[name].domain != domain:
        own = ", ".join(sorted(ontology(domain).editions))
        raise InputError(
            f"edition '{name}' is of {found[name].domain}, not {domain}", where=where, mend=f"{domain} has: {own}"
        )
    return found[name]


def field(domain: str, choice: FieldChoice | None = None, edition_id: str | None = None) -> Field:
    """Build the field of a domain.

    Args:
        domain: sport.
        choice: preset and sizes; what it leaves open comes from the edition, then from the domain.
        edition_id: whose default preset is used.

    Raises:
        InputError: on an unknown domain, edition or preset, or a size that is not allowed.

    >>> round(field("football", edition_id="nfl-2025").width_m, 3)
    48.768
    """
    known = ontology(domain)
    wanted = choice or FieldChoice()
    default = known.edition(edition_id).field_preset if edition_id else known.presets[0]
    return _FIELDS[domain](wanted.preset or default, wanted.length_m, wanted.width_m)


def usual_sizes(domain: str) -> Mapping[str, tuple[float, float]]:
    """Return between which ``length_m`` and ``width_m`` the fields of a sport usually are; empty where all are alike.

    >>> usual_sizes("soccer")["width_m"]
    (64.0, 75.0)
    """
    return _USUAL_SIZES.get(domain, {})
