"""Pixels to observations per frame."""
