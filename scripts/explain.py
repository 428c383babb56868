"""rulesight explain, for those who prefer a script."""

import sys

from rulesight.cli import main

if __name__ == "__main__":
    sys.exit(main(["explain", *sys.argv[1:]]))
