"""The detector: a small convolutional network, its head for people at stride 8, that for the puck or ball at stride 4.

Every cell says how much it is the middle of an object of each class, and which box that object has. Peaks of the
class maps are the detections (Zhou et al., Objects as Points, 2019; box targets around the middle as in Liu et al.,
Training-Time-Friendly Network, 2020).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

PEOPLE_STRIDE, SMALL_STRIDE = 8, 4
PEOPLE, ALL = 3, 4
MULTIPLE = 32
PRIOR = 0.02
MEAN, SCALE = 120.0, 1 / 64.0
GREY = (0.114, 0.587, 0.299)  # of blue, green and red, as ITU-R BT.601 has it


class ConvBlock(nn.Sequential):
    """3x3 (or 1x1) convolution, batch normalisation, ReLU."""

    def __init__(self, inside: int, outside: int, stride: int = 1, size: int = 3) -> None:
        super().__init__(
            nn.Conv2d(inside, outside, size, stride, size // 2, bias=False), nn.BatchNorm2d(outside), nn.ReLU(True)
        )


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = ConvBlock(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """Same shape out as in."""
        return functional.relu(x + self.second(self.first(x)))


class Pyramid(nn.Module):
    """Features of pictures at strides 4 and 8 that know what lies far around them.

    Args:
        widths: channels at strides 2, 4, 8, 16 and 32.
        planes: channels of a picture.
    """

    def __init__(self, widths: tuple[int, int, int, int, int], planes: int = 3) -> None:
        super().__init__()
        a, b, c, d, e = widths
        self.stem = ConvBlock(planes, a, 2)
        self.down4 = nn.Sequential(ConvBlock(a, b, 2), ConvBlock(b, b))
        self.down8 = nn.Sequential(ConvBlock(b, c, 2), Residual(c))
        self.down16 = nn.Sequential(ConvBlock(c, d, 2), Residual(d), Residual(d))
        self.down32 = nn.Sequential(ConvBlock(d, e, 2), Residual(e))
        self.up32, self.up16, self.up8 = ConvBlock(e, d, 1, 1), ConvBlock(d, c, 1, 1), ConvBlock(c, b, 1, 1)
        self.mix16, self.mix8, self.mix4 = ConvBlock(d, d), ConvBlock(c, c), ConvBlock(b, b)

    def levels(self, x: Tensor) -> Tensor:
        """Grey levels from 0 to 255 as what the network computes with."""
        return (x - MEAN) * SCALE

    def features(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures (N, planes, H, W), BGR 0 to 255, to features at strides 4 and 8."""
        x2 = self.stem(self.levels(x))
        x4 = self.down4(x2)
        x8 = self.down8(x4)
        x16 = self.down16(x8)
        x32 = self.down32(x16)
        y16 = self.mix16(x16 + _twice(self.up32(x32)))
        y8 = self.mix8(x8 + _twice(self.up16(y16)))
        return self.mix4(x4 + _twice(self.up8(y8))), y8


class Detector(Pyramid):
    """Pictures (N, 3, H, W), BGR 0 to 255, to class logits and boxes on two grids.

    Args:
        widths: channels at strides 2, 4, 8, 16 and 32.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (16, 24, 56, 96, 128)) -> None:
        super().__init__(widths)
        b, c = widths[1:3]
        self.people = nn.Sequential(ConvBlock(c, c), nn.Conv2d(c, PEOPLE + 4, 1))
        self.small = nn.Sequential(ConvBlock(b, b), nn.Conv2d(b, 1 + 4, 1))
        for head, classes in ((self.people, PEOPLE), (self.small, 1)):
            expect_few(head, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """People (N, 3 + 4, H/8, W/8), puck or ball (N, 1 + 4, H/4, W/4): class logits, then box numbers."""
        y4, y8 = self.features(x)
        return self.people(y8), self.small(y4)


class BallNetwork(Pyramid):
    """Pictures with two neighbours in time (N, 5, H, W) to the puck's or ball's class logit and box.

    The planes are blue, green and red, 0 to 255, and the grey levels a moment before and after, as they would be had
    the camera not moved. What moves differs in them; the network computes with the differences.

    Args:
        widths: channels at strides 2, 4, 8, 16 and 32.
    """

    def __init__(self, widths: tuple[int, int, int, int, int] = (12, 20, 32, 48, 64)) -> None:
        super().__init__(widths, planes=5)
        b = widths[1]
        self.small = nn.Sequential(ConvBlock(b, b), nn.Conv2d(b, 1 + 4, 1))
        expect_few(self.small, 1)

    def levels(self, x: Tensor) -> Tensor:
        """Colours around their mean, and by how much the neighbours are lighter."""
        grey = (x[:, :3] * x.new_tensor(GREY)[:, None, None]).sum(dim=1, keepdim=True)
        return torch.cat([x[:, :3] - MEAN, x[:, 3:] - grey], dim=1) * SCALE

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1 + 4, H/4, W/4): class logit, then box numbers."""
        found: Tensor = self.small(self.features(x)[0])
        return found


def expect_few(head: nn.Sequential, classes: int) -> None:
    """Set the last layer of a head so that its first outputs, class logits, begin by expecting next to nothing."""
    bias = head[-1].get_parameter("bias")
    nn.init.constant_(bias, 0.0)
    nn.init.constant_(bias[:classes], -float(torch.log(torch.tensor((1 - PRIOR) / PRIOR))))


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def split(raw: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Class logits (N, classes, H, W) and box numbers (N, 4, H, W): offsets in cells, logarithms of size in cells."""
    boxes = raw[:, classes:]
    return raw[:, :classes], torch.cat([boxes[:, :2] + 0.5, boxes[:, 2:].clamp(-4.0, 5.0)], dim=1)


class Exported(nn.Module):
    """The detector with its output laid out as YOLOX exports it, peaks marked in the objectness column.

    The cell's offset is relative to the cell's index, in cells.
    """

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector

    def forward(self, images: Tensor) -> Tensor:
        """Pictures (N, 3, H, W) to (N, cells, 4 + 1 + 4)."""
        people, small = self.detector(images)
        places, scores = _peaks(people, PEOPLE)
        rows = [torch.cat([places, scores, torch.zeros_like(scores[:, :1])], dim=1)]
        places, scores = _peaks(small, 1)
        rows.append(torch.cat([places, *[torch.zeros_like(scores)] * PEOPLE, scores], dim=1))
        return torch.cat([row.flatten(2).transpose(1, 2) for row in rows], dim=1)


class ExportedBall(nn.Module):
    """The puck or ball network with its output laid out in the same way, of one grid and one class."""

    def __init__(self, network: BallNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Pictures (N, 5, H, W) to (N, cells, 4 + 1 + 1)."""
        return torch.cat(_peaks(self.network(images), 1), dim=1).flatten(2).transpose(1, 2)


def _peaks(raw: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Boxes and whether a cell is a peak (N, 4 + 1, H, W), and scores (N, classes, H, W)."""
    logits, boxes = split(raw, classes)
    scores = torch.sigmoid(logits)
    best = scores.max(dim=1, keepdim=True).values
    peak = (functional.max_pool2d(best, 3, 1, 1) <= best).to(scores.dtype)
    return torch.cat([boxes, peak], dim=1), scores
