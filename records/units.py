"""Rulebook units in metres, each converted once.

The factors are exact by definition (international yard and pound agreement, 1959).
"""

FT = 0.3048
YD = 0.9144
IN = 0.0254


def feet(value: float) -> float:
    """Convert feet to metres.

    >>> round(feet(200), 3)
    60.96
    """
    return value * FT


def yards(value: float) -> float:
    """Convert yards to metres.

    >>> round(yards(100), 2)
    91.44
    """
    return value * YD


def inches(value: float) -> float:
    """Convert inches to metres.

    >>> round(inches(11), 4)
    0.2794
    """
    return value * IN
