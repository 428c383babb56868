"""From a scene to calls: the ontology's checks, zone assignment, the rules."""

from ontologies import checks
from records.calls import Call, Calls
from records.scene import Scene
from rules import engine
from rules.engine import judge as apply_rules
from rules.verdicts import Opportunity
from tracking.zones import assign


def judge(scene: Scene, k: float = 2.0) -> Calls:
    """Judge a scene.

    Args:
        scene: tracks, and whatever else is known.
        k: how many sigma of its margin make an atom certain.

    Raises:
        InputError: when the scene names what its ontology does not know.
    """
    checks.check_scene(scene)
    field = checks.field_of(scene)
    return apply_rules(scene, field, assign(scene, field), k)


def judged(scene: Scene, k: float = 2.0) -> list[tuple[Call, Opportunity]]:
    """Return the calls on a scene, each with the opportunity that it is on; the arguments are those of ``judge``.

    Raises:
        InputError: when the scene names what its ontology does not know.
    """
    checks.check_scene(scene)
    field = checks.field_of(scene)
    return engine.judged(scene, engine.prepare(scene, field, assign(scene, field), k))
