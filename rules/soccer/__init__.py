"""Soccer under the Laws of the Game."""

from rules.soccer import offside
from rules.soccer.play import Play

__all__ = ["Play", "offside"]
