"""American football rules."""
