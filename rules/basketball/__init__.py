"""Basketball: one file per rule, and what several of them need in play.py, ball.py and counts.py."""

from rules.basketball import backcourt, defensive_three_seconds, eight_seconds, shot_clock, three_seconds
from rules.basketball.play import Play

__all__ = ["Play", "backcourt", "defensive_three_seconds", "eight_seconds", "shot_clock", "three_seconds"]
