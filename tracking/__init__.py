"""Observations to entities over time on the field plane."""
