"""Scenarios to exact truth to cameras to rendered video."""
