"""The temporal engine and one folder of rules per domain."""

from rules.engine import judge

__all__ = ["judge"]
