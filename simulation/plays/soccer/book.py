"""The cases of soccer."""

from simulation.plays.registry import Book
from simulation.plays.soccer.pitch import Pitch

BOOK = Book(Pitch)
case = BOOK.case
RULE = "soccer.offside"
