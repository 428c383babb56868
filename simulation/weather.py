"""Rain and snow before a camera, thin light, interlaced pictures, cuts: what comes between a play and its viewer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from records.errors import InputError
from records.names import unknown
from simulation.render import Bug, Sensor
from simulation.staging import Shot

WEATHERS = ("clear", "rain", "snow")
LIGHTS = ("usual", "low")
OUTDOORS = ("football", "soccer")
TILE_PX = 1024  # what falls repeats after so many pixels, each layer at a place of its own
LEAST_RATE = 45.0  # pictures a second of which two make an interlaced one; fewer are shown whole
GREY = 190  # of what hides the distance, grey levels


@dataclass(frozen=True)
class Layer:
    """Drops or flakes at one distance from the camera.

    Attributes:
        count: in a tile.
        size_px: length of a drop's streak, or width of a flake.
        wide_px: width of a streak.
        speed_px: pixels a second, down.
        bright: how much they brighten the picture, 0 to 1.
    """

    count: int
    size_px: float
    wide_px: int
    speed_px: float
    bright: float


FALLS: Mapping[str, tuple[Layer, ...]] = {
    "rain": (Layer(900, 9, 1, 900, 0.16), Layer(260, 22, 1, 1500, 0.2), Layer(40, 60, 2, 2900, 0.22)),
    "snow": (Layer(700, 2, 1, 90, 0.4), Layer(240, 4, 1, 170, 0.55), Layer(50, 9, 1, 330, 0.5)),
}
HAZE: Mapping[str, tuple[float, float]] = {"clear": (0.0, 0.0), "rain": (0.05, 0.18), "snow": (0.08, 0.28)}


@dataclass(frozen=True)
class Conditions:
    """In what a clip is filmed.

    Attributes:
        weather: of ``WEATHERS``; halls have a roof and are clear.
        light: of ``LIGHTS``.
        interlaced: two instants in each picture, one in the even rows and the next in the odd ones, where the play
            has 50 or 60 instants a second.
        close_up: with a cut to somebody in close-up and back.
    """

    weather: str = "clear"
    light: str = "usual"
    interlaced: bool = False
    close_up: bool = False


def conditions(settings: Mapping[str, object], domain: str, seed: int) -> Conditions:
    """Return the conditions of a clip as somebody asked for them; what is ``drawn`` the seed decides.

    Args:
        settings: ``weather`` and ``light``, each a word or ``drawn``, ``interlaced`` and ``close_up``.
        domain: the sport.
        seed: of what is drawn: one clip in six is wet or white, one in six badly lit.

    Raises:
        InputError: a word that is not known, or weather in a hall.
    """
    rng = np.random.default_rng([seed, 97])
    wet, dim = rng.random(), rng.random()
    weather, light = str(settings["weather"]), str(settings["light"])
    if weather == "drawn":
        weather = "clear" if domain not in OUTDOORS or wet > 1 / 6 else ("rain" if wet < 0.11 else "snow")
    if light == "drawn":
        light = "low" if dim < 1 / 6 else "usual"
    if weather not in WEATHERS:
        raise unknown("weather", weather, (*WEATHERS, "drawn"))
    if light not in LIGHTS:
        raise unknown("light", light, (*LIGHTS, "drawn"))
    if weather != "clear" and domain not in OUTDOORS:
        raise InputError(f"{domain} is played under a roof", "weather", "take weather=clear")
    return Conditions(weather, light, bool(settings["interlaced"]), bool(settings["close_up"]))


def dimmed(sensor: Sensor, light: str) -> Sensor:
    """Return a sensor as it is set where there is little light: darker, noisier, with the shutter open for longer."""
    if light == "usual":
        return sensor
    return replace(
        sensor,
        gain=0.55 * sensor.gain,
        noise=2.0 * sensor.noise + 3.0,
        exposure_s=max(1.5 * sensor.exposure_s, 0.014),
        saturation=0.8 * sensor.saturation,
    )


class Fall:
    """What falls in front of a camera.

    Args:
        weather: of ``WEATHERS``.
        seed: of where it falls, how dense it is and how the wind blows.
    """

    def __init__(self, weather: str, seed: int) -> None:
        rng = np.random.default_rng([seed, 101])
        self._haze = float(rng.uniform(*HAZE[weather]))
        self._wind = float(rng.normal(0, 0.12))
        dense = float(rng.uniform(0.5, 1.3))
        self._layers = [(layer, _tile(layer, weather, dense, self._wind, rng)) for layer in FALLS.get(weather, ())]

    def over(self, picture: np.ndarray, t: float) -> np.ndarray:
        """Return a picture as it is seen through what falls at an instant.

        Args:
            picture: uint8 BGR, shape (height, width, 3).
            t: seconds.
        """
        if not self._layers:
            return picture
        seen = cv2.convertScaleAbs(picture, alpha=1.0 - self._haze, beta=self._haze * GREY)
        height, width = seen.shape[:2]
        for layer, tile in self._layers:
            down = -layer.speed_px * t
            rows = (np.arange(height) + round(down)) % TILE_PX
            columns = (np.arange(width) + round(down * self._wind)) % TILE_PX
            light = tile[rows[:, None], columns[None, :]]
            seen = cv2.add(seen, cv2.merge([light, light, light]))
        return seen


def _tile(layer: Layer, weather: str, dense: float, wind: float, rng: np.random.Generator) -> np.ndarray:
    """Paint one layer on black, so that it joins at its edges."""
    tile = np.zeros((TILE_PX, TILE_PX), np.uint8)
    colour = int(255 * layer.bright)
    for x, y in rng.integers(0, TILE_PX, (int(layer.count * dense), 2)):
        long = layer.size_px * float(rng.uniform(0.6, 1.4))
        for dx in (-TILE_PX, 0, TILE_PX):
            for dy in (-TILE_PX, 0, TILE_PX):
                at = int(x + dx), int(y + dy)
                if weather == "rain":
                    below = int(at[0] - wind * long), int(at[1] + long)
                    cv2.line(tile, at, below, colour, layer.wide_px, cv2.LINE_AA)
                else:
                    cv2.circle(tile, at, max(int(long / 2), 1), colour, -1, cv2.LINE_AA)
    blurred = cv2.copyMakeBorder(tile, 8, 8, 8, 8, cv2.BORDER_WRAP)
    return cv2.GaussianBlur(blurred, (0, 0), 0.4 + layer.size_px / 12 * (weather == "snow"))[8:-8, 8:-8]


def weathered(shots: Iterable[Shot], weather: str, seed: int, bug: Bug | None) -> Iterator[Shot]:
    """Let it rain or snow in pictures as they come, behind the scorebug."""
    fall = Fall(weather, seed)
    for shot in shots:
        image = fall.over(shot.image, shot.t)
        if bug is not None and image is not shot.image:
            x1, y1, x2, y2 = bug.box
            image[y1:y2, x1:x2] = shot.image[y1:y2, x1:x2]
        yield replace(shot, image=image)


def interlaced(shots: Iterable[Shot]) -> Iterator[Shot]:
    """Make one picture of two: even rows of the first, whose truth and time it has, and odd rows of the next.

    Yields:
        Half as many pictures; a last one without a partner is left out.
    """
    waiting: Shot | None = None
    count = 0
    for shot in shots:
        if waiting is None:
            waiting = shot
            continue
        image = waiting.image.copy()
        image[1::2] = shot.image[1::2]
        yield replace(waiting, frame=count, image=image)
        waiting, count = None, count + 1


def paired(t: np.ndarray) -> bool:
    """Return whether a play has instants enough that two make an interlaced picture, t in seconds."""
    return float(np.median(np.diff(t))) < 1.0 / LEAST_RATE
