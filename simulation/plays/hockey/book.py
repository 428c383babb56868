"""The cases of hockey."""

from simulation.plays.hockey.rink import Rink
from simulation.plays.registry import Book

BOOK = Book(Rink)
case = BOOK.case
