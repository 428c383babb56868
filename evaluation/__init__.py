"""Metrics against truth and labels."""
