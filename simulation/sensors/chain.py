"""The effects in their order: who is who, where he seems to be, when he is seen, and what is noted."""

from __future__ import annotations

from records.scene import Scene
from simulation.sensors.draws import Streams
from simulation.sensors.identities import confuse, forget, haunt
from simulation.sensors.positions import move, share
from simulation.sensors.reports import report
from simulation.sensors.settings import Sensors
from simulation.sensors.taking import Taking
from simulation.sensors.visibility import interrupt, lose, pan, thin


def sense(scene: Scene, sensors: Sensors, seed: int = 0) -> Scene:
    """Return what a perception stack would have made of a scene of exact truth.

    Each effect draws from a stream of its own, so that turning one knob leaves the others' draws as they are.

    Args:
        scene: the truth; every position in it is taken to be exact.
        sensors: the knobs; with all of them off the scene comes back as it is.
        seed: of the random streams.

    Returns:
        A scene that says of itself how uncertain it is.
    """
    if sensors == Sensors():
        return scene
    streams = Streams(seed)
    taking = Taking.of(scene)
    taking = confuse(taking, sensors.confusions, streams)
    taking = move(taking, sensors.position, sensors.claimed, streams)
    taking = haunt(taking, sensors.false_tracks, sensors.position.sigma_m * sensors.claimed, streams)
    taking = share(taking, sensors.registration, sensors.claimed, streams)
    taking = pan(taking, sensors.view)
    taking = lose(taking, sensors.misses, sensors.roster, streams)
    taking = thin(taking, sensors.frames, streams)
    taking = report(taking, sensors.events, sensors.claimed, streams)
    taking = interrupt(taking, sensors.gaps, streams)
    taking = forget(taking, sensors.unknowns, streams)
    return taking.done()
