"""The stages, one module each: what they import decides when their cached results are stale."""
