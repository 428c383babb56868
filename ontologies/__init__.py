"""What exists in each domain: field geometry, zones, lines, kinds, editions."""
