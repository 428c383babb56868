"""Other monitors on the same signals: rtamt and reelay, in an interpreter of their own.

rtamt wants another antlr4 runtime than hydra-core, so this file is run as a program by the interpreter of an
environment that holds nothing else (see docs/benchmarks.md), and imports nothing of this project. It reads one
request a line, {"tool", "spec", "p", "q", "out"}, and answers with {"seconds"}: the time of monitoring alone,
without parsing the specification or making the lists that a tool takes. p, q and out are files of one byte a
sample. Specification A is always(p -> eventually[0:50] q), B is p since[0:50] q.
"""

import json
import sys
import time
from pathlib import Path

REELAY = {
    "A": "historically((once[50:50]{p}) -> (once[0:50]{q}))",
    "A inner": "(once[50:50]{p}) -> (once[0:50]{q})",
    "B": "{p} since[0:50] {q}",
}
RTAMT = {
    "A": "out = always((not (p >= 0.5)) or (eventually[0:50](q >= 0.5)))",
    "A inner": "out = (not (p >= 0.5)) or (eventually[0:50](q >= 0.5))",
    "B": "out = (p >= 0.5) since[0:50] (q >= 0.5)",
}


def rtamt_discrete(spec, p, q):
    """Return rtamt's verdict at each sample and the seconds that it took."""
    import rtamt

    monitor = rtamt.StlDiscreteTimeOfflineSpecification()
    for name in ("p", "q", "out"):
        monitor.declare_var(name, "float")
    monitor.spec = RTAMT[spec]
    monitor.parse()
    data = {"time": list(range(len(p))), "p": [float(one) for one in p], "q": [float(one) for one in q]}
    begun = time.perf_counter()
    found = monitor.evaluate(data)
    seconds = time.perf_counter() - begun
    return bytes(value > 0 for _, value in found), seconds


def reelay_discrete(spec, p, q):
    """Return the verdict of reelay's discrete monitor at each sample and the seconds that it took."""
    import reelay

    monitor = reelay.discrete_timed_monitor(pattern=REELAY[spec], condense=False)
    told = [{"p": bool(one), "q": bool(other)} for one, other in zip(p, q, strict=True)]
    begun = time.perf_counter()
    found = [monitor.update(one) for one in told]
    seconds = time.perf_counter() - begun
    return bytes(one["value"] for one in found), seconds


def reelay_runs(spec, p, q):
    """Return the verdict of reelay's dense-time monitor, told of changes only, and the seconds that it took."""
    import reelay

    monitor = reelay.dense_timed_monitor(pattern=REELAY[spec])
    told = [
        {"time": t, "p": bool(p[t]), "q": bool(q[t])}
        for t in range(len(p))
        if t == 0 or p[t] != p[t - 1] or q[t] != q[t - 1]
    ]
    told.append({"time": len(p), "p": bool(p[-1]), "q": bool(q[-1])})
    begun = time.perf_counter()
    found = [piece for one in told for piece in monitor.update(one)]
    seconds = time.perf_counter() - begun
    values = bytearray()
    for piece, following in zip(found, [*found[1:], {"time": len(p)}], strict=True):
        values += bytes([piece["value"]]) * (max(_sample(following["time"]), len(values)) - len(values))
    return bytes(values), seconds


def _sample(t):
    """Return the first sample that is not before an instant."""
    return -int(-t // 1)


TOOLS = {"rtamt": rtamt_discrete, "reelay": reelay_discrete, "reelay, runs": reelay_runs}


def main():
    """Answer requests until there are no more."""
    for line in sys.stdin:
        asked = json.loads(line)
        p, q = (Path(asked[name]).read_bytes() for name in ("p", "q"))
        values, seconds = TOOLS[asked["tool"]](asked["spec"], p, q)
        Path(asked["out"]).write_bytes(values)
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
