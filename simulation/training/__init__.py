"""Training of the shipped models; the only place that imports torch."""
