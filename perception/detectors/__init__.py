"""Detectors: pictures in, boxes out, through ONNX Runtime."""
