"""Ice hockey: one file per rule, and what several of them need in play.py."""

from rules.hockey import delayed_offside, icing, offside, too_many_men
from rules.hockey.play import Play

__all__ = ["Play", "delayed_offside", "icing", "offside", "too_many_men"]
