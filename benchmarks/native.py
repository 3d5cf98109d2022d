"""The native kernel against the loop in C of film.c: value by instruction set, value and derivatives, two threads.

python benchmarks/native.py [number of films, default 20000]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from common import one_core, random_films, together

cores = sorted(os.sched_getaffinity(0))
core = one_core()

from films import LoopInC, packed  # noqa: E402
from spinstack.circuit import native  # noqa: E402
from spinstack.circuit.lower import lower  # noqa: E402


def on(target: str, task: Callable[[], Any]) -> Callable[[], Any]:
    """The task with this instruction set."""

    def run() -> Any:
        os.environ["SPINSTACK_KERNEL"] = target
        native.library()
        return task()

    return run


def main(count: int = 20_000) -> None:
    usable = native.available()
    if not usable:
        raise SystemExit("installed without the native kernel")
    loop = LoopInC()
    print(f"{count} films, core {core}; us a film and, in brackets, times the loop in C; derivatives in values")
    print("layers   loop in C  " + "".join(f"{t:>16}" for t in usable) + "  + 28 derivatives   largest difference to C")
    os.environ["SPINSTACK_THREADS"] = "1"
    for layers in (2, 3, 4, 6, 8):
        film, m = random_films(layers, count)
        kinds, records = packed(film, m)
        plan, table, _ = lower(film, m)
        solve = native.solver("sheet", plan, table, (), None)
        rows = [(kind, row) for kind, takes in plan.magnets for row in range(len(takes))]
        numbers = [native.Asked(k, r, name) for k, r in rows for name in native.COLUMNS[str(k)]]
        asked = [numbers[i] for i in sorted(np.random.default_rng(0).permutation(len(numbers))[:28])]
        tasks: dict[str, Callable[[], Any]] = {"C": lambda kinds=kinds, records=records: loop(kinds, records)}
        tasks |= {t: on(t, lambda solve=solve: solve(0, count)) for t in usable}
        tasks["all"] = on(usable[-1], lambda p=plan, t=table, a=asked: native.sheet_jacobian(p, t, a))
        took = together(tasks)
        C, ours = np.moveaxis(loop(kinds, records), 0, -1), solve(0, count)[0]
        off = (np.abs(ours - C).max((0, 1)) / np.abs(C).max((0, 1))).max()
        values = "".join(f"{1e6 * took[t] / count:8.3f} ({took[t] / took['C']:.2f})" for t in usable)
        more = took["all"] / took[usable[-1]]
        print(f"{layers:4d} {1e6 * took['C'] / count:12.3f}  {values} {more:12.1f} {off:20.0e}")
    if len(cores) > 1:
        os.sched_setaffinity(0, cores)
        film, m = random_films(8, 5 * count)
        plan, table, _ = lower(film, m)
        solve = native.solver("sheet", plan, table, (), None)

        def with_threads(number: int) -> Callable[[], Any]:
            def run() -> Any:
                os.environ["SPINSTACK_THREADS"] = str(number)
                return solve(0, 5 * count)

            return run

        took = together({"1": with_threads(1), "2": with_threads(2)})
        print(f"two threads: {took['1'] / took['2']:.2f} times one (8 layers, {5 * count} films)")


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 20_000)
