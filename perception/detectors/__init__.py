"""Detectors: pictures in, boxes out, through ONNX Runtime."""

from perception.detectors.boxes import Boxes
from perception.detectors.detector import Detector, build

__all__ = ["Boxes", "Detector", "build"]
