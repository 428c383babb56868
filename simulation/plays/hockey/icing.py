"""Icing: who sent the puck from where, what it met on its way, and who would be first to it."""
