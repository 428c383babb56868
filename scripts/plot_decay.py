"""How verdicts decay with what sensors do to generated plays: python scripts/plot_decay.py domain=NAME|all out=FOLDER.

The same as `rulesight evaluate suite=decay`. Exit status 1 if more than 2 % of a rule's verdicts are wrong and definite
at a level of an honest knob.
"""

from rulesight.cli import run

if __name__ == "__main__":
    run("evaluate", "suite=decay")
