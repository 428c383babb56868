"""Hockey rules."""
