"""The rules on real tracking data with the calls that officials made: one file per domain."""
