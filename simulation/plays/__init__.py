"""A small language for plays, and edge cases of the rules told in it, drawn at random with their right calls."""

from simulation.plays.registry import Case, cases, draw

__all__ = ["Case", "cases", "draw"]
