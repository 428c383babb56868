"""Tracking data in other people's formats, read into scenes: one file per format, found through ``FORMATS``."""
