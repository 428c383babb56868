"""The colours of a person's kit: nine numbers from a box, cheap enough for every box of every frame.

CIE Lab as OpenCV scales it to bytes, brought to L 0..100 and a, b around 0. The person is told from ice or grass by
the difference to the colour beside the box at the same height; where hardly anything differs the middle counts as it
is, or else a white shirt on ice would vanish.
"""

import cv2
import numpy as np

WIDTH, HEIGHT = 16, 40  # pixels that a box is shrunk to; more gains nothing
SIDE = 3  # columns of the shrunk, widened box that show what is beside
TORSO = slice(6, 20)  # rows: below the helmet, above the waist
LEGS = slice(20, 30)  # rows: trousers; socks and skates differ within a team
CORE = slice(6, 10)  # columns that a person fills
FEW = 0.25  # with a smaller share of the core unlike the background, the kit has the background's colour
DIFFERENT = 14.0  # Lab distance from which a pixel is not background
LEAST_BOX = 8.0  # pixels; a box smaller than this shows no kit


def descriptor(image: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, int]:
    """Describe the kit in one box.

    Args:
        image: H x W x 3 uint8, BGR.
        box: x1, y1, x2, y2 in pixels; what lies outside the picture is left out.

    Returns:
        Nine numbers (float32): mean L, a, b of the torso, their standard deviations, and the mean L, a, b of the
        trousers; and how many of the picture's pixels the torso rests on. NaN and 0 where the box shows too little.
    """
    x1, y1, x2, y2 = (float(value) for value in box)
    wide = 0.15 * (x2 - x1)
    left, right = max(0, round(x1 - wide)), min(image.shape[1], round(x2 + wide))
    top, low = max(0, round(y1)), min(image.shape[0], round(y2))
    if right - left < LEAST_BOX or low - top < LEAST_BOX:
        return np.full(9, np.nan, np.float32), 0
    small = cv2.resize(image[top:low, left:right], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    lab *= (100 / 255, 1, 1)
    lab -= (0, 128, 128)
    torso, legs = _person(lab[TORSO]), _person(lab[LEGS])
    mean = torso.mean(axis=0)
    spread = np.sqrt(np.maximum((torso * torso).mean(axis=0) - mean * mean, 0.0))
    pixels = len(torso) * (right - left) * (low - top) / (WIDTH * HEIGHT)
    return np.concatenate([mean, spread, legs.mean(axis=0)]), round(pixels)


def _person(band: np.ndarray) -> np.ndarray:
    """Return the pixels (n x 3) of a band of rows that differ from what is beside it; the middle where few do."""
    beside = np.concatenate([band[:, :SIDE], band[:, -SIDE:]], axis=1).reshape(-1, 3)
    difference = band - np.sort(beside, axis=0)[len(beside) // 2]
    chosen = np.einsum("ijk,ijk->ij", difference, difference) > DIFFERENT**2
    if chosen[:, CORE].mean() < FEW:
        chosen[:, CORE] = True
    return band[:, SIDE:-SIDE][chosen[:, SIDE:-SIDE]]


def describe(image: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Describe the kits in N boxes (N x 4): descriptors N x 9 float32 and pixel counts N int32."""
    found = [descriptor(image, box) for box in np.asarray(boxes).reshape(-1, 4)]
    kits = np.array([kit for kit, _ in found], np.float32).reshape(-1, 9)
    return kits, np.array([pixels for _, pixels in found], np.int32)


def from_colour(text: str) -> np.ndarray:
    """Return the torso colour (L, a, b) of a shirt colour written ``#rrggbb``.

    Raises:
        ValueError: if the text is not of that form.

    >>> from_colour("#ffffff").round(0).tolist()
    [100.0, 0.0, 0.0]
    """
    if len(text) != 7 or text[0] != "#":
        raise ValueError(f"a colour is written #rrggbb, not {text!r}")
    red, green, blue = (int(text[i : i + 2], 16) for i in (1, 3, 5))
    pixel = np.array([[[blue, green, red]]], np.uint8)
    lab = cv2.cvtColor(pixel, cv2.COLOR_BGR2LAB).astype(np.float32)[0, 0]
    return lab * (100 / 255, 1, 1) - (0, 128, 128)
