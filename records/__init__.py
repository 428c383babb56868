"""Ground floor: ids, clock, units, tables, the scene and calls.json."""
