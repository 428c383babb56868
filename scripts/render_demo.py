"""Render the embedded example anew: clip, calibration keyframes, annotations and truth.

Usage: python scripts/render_demo.py [FOLDER]      (default: rulesight/examples/demo)
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ontologies.hockey import field
from perception.encode import write_video
from records import yamls
from records.calibration import write_calibration
from records.files import write_text
from simulation.demo import demo_play
from simulation.handwork import annotate_by_hand, calibrate_by_hand
from simulation.looks import demo_look
from simulation.staging import Shot, arena_of, film
from simulation.truth import write_truth

FOLDER = Path(__file__).parents[1] / "rulesight" / "examples" / "demo"
PRESET = "nhl"
KEYFRAMES_S = (0.0, 1.7, 3.4, 5.1, 6.8, 8.4, 10.0)
QUALITY = 25


def main(folder: Path = FOLDER) -> None:
    """Render into a folder."""
    rink, look = field(PRESET), demo_look()
    play = demo_play(rink)
    shots: list[Shot] = []

    def pictures() -> Iterator[np.ndarray]:
        for shot in tqdm(film(play, rink, look), total=len(play.t), disable=not sys.stderr.isatty()):
            shots.append(replace(shot, image=np.empty(0)))
            yield shot.image

    folder.mkdir(parents=True, exist_ok=True)
    write_video(folder / "clip.mp4", pictures(), play.t, QUALITY)
    marked = [min(shots, key=lambda shot: abs(shot.t - t)) for t in KEYFRAMES_S]
    write_calibration(folder / "calibration.yaml", calibrate_by_hand(marked, rink, arena_of(rink, look), look, PRESET))
    write_text(folder / "annotations.yaml", yamls.dumps(annotate_by_hand(play, shots, look)))
    write_truth(play, shots, folder / "truth")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
