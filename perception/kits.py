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
LEGS = slice(20, 30)  # rows right below: trousers; socks and skates differ within a team
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
    kits, pixels = describe(image, np.asarray(box)[None])
    return kits[0], int(pixels[0])


def describe(image: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Describe the kits in N boxes (N x 4): descriptors N x 9 float32 and pixel counts N int32."""
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    kits, pixels = np.full((len(boxes), 9), np.nan, np.float32), np.zeros(len(boxes), np.int32)
    cuts = _cuts(boxes, image.shape[1], image.shape[0])
    shown = np.flatnonzero((cuts[:, 2:] - cuts[:, :2] >= LEAST_BOX).all(axis=1))
    if not len(shown):
        return kits, pixels
    lab = _lab(image, cuts[shown])
    waist = LEGS.start - TORSO.start
    torso, chosen = _person(lab[:, :waist])
    legs, worn = _person(lab[:, waist:])
    mean, count = _mean(torso, chosen)
    spread = np.sqrt(np.maximum(_mean(torso * torso, chosen)[0] - mean * mean, 0.0))
    kits[shown] = np.concatenate([mean, spread, _mean(legs, worn)[0]], axis=1)
    width, height = (cuts[shown, 2:] - cuts[shown, :2]).T
    pixels[shown] = np.round(count * width * height / (WIDTH * HEIGHT))
    return kits, pixels


def _cuts(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return what is cut out of the picture (N x 4, whole pixels) for N boxes: a little more on both sides."""
    wide = 0.15 * (boxes[:, 2] - boxes[:, 0])
    left, right = boxes[:, 0] - wide, boxes[:, 2] + wide
    wanted = np.round(np.stack([left, boxes[:, 1], right, boxes[:, 3]], axis=1))
    return np.clip(wanted, [0, 0, -np.inf, -np.inf], [np.inf, np.inf, width, height]).astype(int)


def _lab(image: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return torso and legs in pieces of a picture shrunk to one size, in CIE Lab (N, rows, WIDTH, 3) float32."""
    small = np.empty((len(cuts), HEIGHT, WIDTH, 3), np.uint8)
    for piece, (x1, y1, x2, y2) in zip(small, cuts.tolist(), strict=True):
        cv2.resize(image[y1:y2, x1:x2], (WIDTH, HEIGHT), dst=piece, interpolation=cv2.INTER_AREA)
    rows = small[:, TORSO.start : LEGS.stop]
    lab = cv2.cvtColor(rows.reshape(-1, WIDTH, 3), cv2.COLOR_BGR2LAB).astype(np.float32)
    lab *= np.array([100 / 255, 1, 1], np.float32)
    lab -= np.array([0, 128, 128], np.float32)
    return lab.reshape(rows.shape)


def _person(bands: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels of bands of rows without their sides, and which of them show a person.

    Those do that differ from what is beside them, in the band; where few do, the middle does.
    """
    beside = np.concatenate([bands[:, :, :SIDE], bands[:, :, -SIDE:]], axis=2).reshape(len(bands), -1, 3)
    middle = beside.shape[1] // 2
    difference = bands - np.partition(beside, middle, axis=1)[:, None, middle : middle + 1]
    chosen = np.einsum("nijk,nijk->nij", difference, difference) > DIFFERENT**2
    few = chosen[:, :, CORE].mean(axis=(1, 2)) < FEW
    chosen[few, :, CORE] = True
    return bands[:, :, SIDE:-SIDE], chosen[:, :, SIDE:-SIDE]


def _mean(bands: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean (N x 3) of the chosen pixels of N bands, and how many those are."""
    count = chosen.sum(axis=(1, 2))
    return np.einsum("nijk,nij->nk", bands, chosen.astype(np.float32)) / count[:, None], count


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
