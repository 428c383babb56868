"""Stage contracts, run folder, cache, trace, budget; how a run is put together."""
