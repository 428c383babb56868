"""rulesight judge, for those who prefer a script."""

from rulesight.cli import run

if __name__ == "__main__":
    run("judge")
