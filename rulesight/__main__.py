"""``python -m rulesight``: the same as ``rulesight``."""

from rulesight.cli import run

if __name__ == "__main__":
    run()
