"""The rules on real tracking data, scored: python scripts/evaluate.py domain=NAME|all [data=FOLDER] [out=FOLDER].

The same as `rulesight evaluate notes=true`. Exit status 1 if a figure misses its goal.
"""

from rulesight.cli import run

if __name__ == "__main__":
    run("evaluate", "notes=true")
