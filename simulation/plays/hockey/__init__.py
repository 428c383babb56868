"""Hockey: edge cases of offside, delayed offside, icing and too many men, told on a rink."""

from simulation.plays.hockey import change, delayed, icing, offside
from simulation.plays.hockey.book import BOOK

__all__ = ["BOOK", "change", "delayed", "icing", "offside"]
