"""American football: one file per rule, and what several of them need in play.py and presnap.py."""

from rules.football import (
    delay_of_game,
    encroachment,
    false_start,
    illegal_formation,
    illegal_motion,
    illegal_shift,
    neutral_zone_infraction,
    offside,
    too_many_players,
)
from rules.football.play import Play

__all__ = [
    "Play",
    "delay_of_game",
    "encroachment",
    "false_start",
    "illegal_formation",
    "illegal_motion",
    "illegal_shift",
    "neutral_zone_infraction",
    "offside",
    "too_many_players",
]
