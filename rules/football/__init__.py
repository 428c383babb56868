"""American football: one file per rule, and what several of them need in play.py."""

from rules.football import illegal_formation
from rules.football.play import Play

__all__ = ["Play", "illegal_formation"]
