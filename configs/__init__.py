"""Hydra configuration, one group per slot."""
