"""From a scene to calls: the ontology's checks, zone assignment, the rules."""

from ontologies import checks
from records.calls import Calls
from records.scene import Scene
from rules.engine import judge as apply_rules
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
