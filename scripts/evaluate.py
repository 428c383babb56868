"""The rules on real tracking data, scored: python scripts/evaluate.py domain=NAME|all [data=FOLDER] [out=FOLDER].

Needs the real test data: RULESIGHT_TEST_DATA names its folder, by default ../shared/data. Exit status 1 if a
figure misses its goal.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from evaluation import realdata  # noqa: E402
from evaluation.sequences import score  # noqa: E402
from records.errors import InputError  # noqa: E402

KEYS = ("domain", "data", "out")


def _draw(alarms: tuple[score.Alarm, ...], folder: Path) -> None:
    """Draw calls that are worth a look from above."""
    import cv2

    from review import plan

    folder.mkdir(parents=True, exist_ok=True)
    for position, alarm in enumerate(alarms):
        cv2.imwrite(str(folder / f"{position:02}_{alarm.call.rule}.png"), plan.draw(alarm.scene, alarm.call))


def main(arguments: list[str]) -> int:
    """Evaluate one domain or all, and print the figures."""
    given = dict(item.partition("=")[::2] for item in arguments)
    if set(given) - set(KEYS) or "domain" not in given:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    data = Path(given["data"]) if "data" in given else realdata.folder()
    if data is None:
        print(f"evaluate: {realdata.VARIABLE} does not name the folder of real test data", file=sys.stderr)
        return 2
    domains = score.DOMAINS if given["domain"] == "all" else (given["domain"],)
    good = True
    for domain in domains:
        started = time.perf_counter()
        try:
            result = score.evaluate(domain, data, Path(given["out"]) / domain if "out" in given else None)
        except InputError as error:
            print(f"evaluate: {error}", file=sys.stderr)
            return 2
        print(f"\n{domain} ({time.perf_counter() - started:.0f} s)")
        for line in (*result.figures, *result.notes):
            print(f"  {line}")
        if "out" in given:
            _draw(result.alarms, Path(given["out"]) / domain / "alarms")
        good = good and all(figure.met is not False for figure in result.figures)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
