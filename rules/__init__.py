"""The temporal engine and one folder of rules per domain."""
