"""Soccer: edge cases of offside, told on a pitch."""

from simulation.plays.soccer import involvement, position, restarts
from simulation.plays.soccer.book import BOOK

__all__ = ["BOOK", "involvement", "position", "restarts"]
