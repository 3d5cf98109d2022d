"""Mechanisms of the magnetoresistance of RuO2/Py-like films: how right their stated probabilities are.

python mechanisms.py calibration 3 300   # films, sets: stated against right
python mechanisms.py evidence 20         # ln Z against dynesty, where that is installed
python mechanisms.py outside 3 60        # truths that are not in the list
python mechanisms.py gain 60             # information predicted against achieved
python mechanisms.py speed
"""

# ruff: noqa: E402 - the core is chosen before JAX starts its threads
from common import one_core

one_core()

import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

import spinstack as ss
from spinstack.fitting import (
    Candidate,
    Data,
    LogNormal,
    Mechanism,
    Normal,
    Problem,
    Relative,
    Sample,
    Unknown,
    compare_mechanisms,
    next_measurement,
    ready_mechanisms,
)
from spinstack.fitting.evidence import importance
from spinstack.fitting.mechanisms import _modes, problems_of
from spinstack.fitting.nested import nested
from spinstack.fitting.standard import Standard

NM = 1e-9
NAMES = [
    "none", "spin Hall", "IGSC without inverse", "IGSC with inverse", "size effect", "size effect of the bilayer",
    "anomalous Hall", "Rashba-Edelstein", "spin splitter", "spin Hall and size effect",
]  # fmt: skip
#: (RuO2, Py) [nm]; 0 is a control film
FILMS = [(5, 4), (0, 4), (2, 4), (10, 4), (5, 2), (5, 8), (0, 2), (2, 2), (10, 8)]


def film(metal: float, magnet: float) -> ss.Film:
    py = ss.Ferromagnet(
        "Py", thickness=magnet * NM, conductivity=4e6, polarization=0.4, spin_diffusion_length=3.6 * NM,
        dephasing_length=0.5 * NM, amr_ratio=0.006,
    )  # fmt: skip
    if not metal:
        return ss.Film((py,))
    layer = ss.Metal("RuO2", thickness=metal * NM, conductivity=2.8e6, spin_diffusion_length=4 * NM)
    return layer | ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6.7e14) | py


UNKNOWNS = [
    Unknown("Py.amr_ratio", Normal(0.006, 0.003)),
    Unknown("RuO2.conductivity", LogNormal(2.8e6, 1.3)),
    Unknown("Py.conductivity", LogNormal(4e6, 1.2)),
    Unknown("RuO2.spin_diffusion_length", LogNormal(4 * NM, 1.6)),
    Unknown("RuO2|Py.mixing_conductance.real", LogNormal(8e14, 1.4)),
    Unknown("RuO2.thickness", Relative(0.03), each="sample"),
    Unknown("Py.thickness", Relative(0.03), each="sample"),
]


def planes(name: str, current: str, values: Any, error: float) -> Data:
    arguments = {"plane": ["alpha", "beta", "gamma"], "angles": [90.0], "current": current}
    variable = "MR_xx" if current == "x" else "MR_yy"
    return Data(name, ss.angular_scan, values, np.full(3, error), arguments, variable, 0.0, f"{name}, current {current}")


def resistance(name: str, value: float, error: float) -> Data:
    values = [value, np.nan, np.nan, np.nan]
    return Data(name, ss.sheet_resistance, values, np.full(4, error), {"m": "y"}, None, 0.0, f"{name}, resistance")


def template(films: Sequence[tuple[int, int]], error: float = 5e-5, unknowns: Sequence[Unknown] = UNKNOWNS) -> Problem:
    """Films with the errors of their data, and zeros for the data."""
    samples, data = [], []
    for metal, magnet in films:
        name, made = f"{metal}/{magnet}" if metal else f"Py {magnet}", film(metal, magnet)
        samples.append(Sample(name, made))
        data += [planes(name, current, np.zeros(3), error) for current in ("xy" if metal else "x")]
        R = float(np.asarray(ss.sheet_resistance(made, m="y"))[0, 0])
        data.append(resistance(name, R, 0.02 * R))
    return Problem(samples, unknowns, data)


def ready(problem: Problem, names: Sequence[str] = NAMES) -> list[Mechanism]:
    return ready_mechanisms(problem, metal="RuO2", magnet="Py", splitter="x,y", only=names)


def with_values(problem: Problem, values: np.ndarray) -> list[Data]:
    """The data of a problem with other values (points,)."""
    out = []
    for one, at in zip(problem.data, problem.rows, strict=True):
        given = one.given.copy()
        given[one.rows] = values[at]
        out.append(
            Data(one.sample, one.observable, given, one.errors, one.arguments, one.variables, one.systematic, one.name)
        )
    return out


def drawn(problem: Problem, truth: Problem, rng: np.random.Generator) -> tuple[Problem, np.ndarray, np.ndarray]:
    """Data of a film drawn from the priors of `truth`: the problem, the coordinates and the noiseless data."""
    v = rng.standard_normal((1, truth.size))
    true = truth.computed(Standard(truth).coordinates(v)[0])[0]
    error = np.concatenate([np.sqrt(np.diag(one.covariance)) for one in problem.data])
    data = with_values(problem, true + error * rng.standard_normal(true.size))
    return Problem(problem.samples, problem.unknowns, data, columns=problem.columns), v[0], true


def calibration(count: int, sets: int, first: int = 0) -> None:
    blank = template(FILMS[:count])
    mechanisms = ready(blank)
    truths, _ = problems_of(blank, mechanisms)
    top, right, spent, confused = [], [], [], {}
    for k in range(first, first + sets):
        rng = np.random.default_rng([count, k])
        m = int(rng.integers(len(mechanisms)))
        problem, _, _ = drawn(blank, truths[m], rng)
        began = time.perf_counter()
        found = compare_mechanisms(problem, mechanisms, seed=k)
        spent.append(time.perf_counter() - began)
        probability = found["probability"].values
        if not np.isfinite(probability).all():
            print(f"set {k}: {NAMES[m]}: refused, {list(found['method'].values)}", flush=True)
            continue
        best = int(np.argmax(probability))
        top.append(probability[best])
        right.append(best == m)
        every.append(np.column_stack([probability, np.arange(len(NAMES)) == m]))
        if best != m:
            confused[NAMES[m], NAMES[best]] = confused.get((NAMES[m], NAMES[best]), 0) + 1
        nests = int((found["method"] == "nested sampling").sum())
        print(
            f"set {k}: {NAMES[m]}: stated {probability[best]:.3f} for {NAMES[best]}, truth {probability[m]:.3f}, "
            f"p of truth {float(found['goodness'][m]):.3g}, {nests} nested, none_fits {found.none_fits}, "
            f"{spent[-1]:.1f} s", flush=True,
        )  # fmt: skip
    p, hit = np.array(top), np.array(right, float)
    print(f"{count} films, {sets} sets: {len(p)} stated, top right {hit.mean():.3f}, stated {p.mean():.3f}, "
          f"{np.median(spent):.1f} s a set")  # fmt: skip
    reliability("the most probable", p, hit)
    both = np.concatenate(every)
    reliability("every mechanism", both[:, 0], both[:, 1])
    sure = p > 0.95
    print(f"above 0.95: {int(hit[sure].sum())} of {int(sure.sum())} right")
    print(dict(sorted(confused.items(), key=lambda item: -item[1])))


every: list[np.ndarray] = []


def reliability(words: str, p: np.ndarray, hit: np.ndarray) -> None:
    print(words)
    for low, high in zip(np.linspace(0, 0.9, 10), np.linspace(0.1, 1.0, 10), strict=True):
        own = (p > low) & (p <= high)
        if own.sum() >= 5:
            print(f"  {low:.1f} to {high:.1f}: {int(own.sum())}, stated {p[own].mean():.3f}, right {hit[own].mean():.3f}")


def evidence(count: int) -> None:
    """ln Z of our two samplers against dynesty (random walk, 800 live points)."""
    from dynesty import NestedSampler
    from dynesty_batches import Together

    blanks = [template(FILMS[:n], unknowns=UNKNOWNS[:k]) for n, k in ((2, 7), (2, 5), (3, 5), (1, 7), (2, 6))]
    done = 0
    rng = np.random.default_rng(77)
    while done < count:
        blank = blanks[done % len(blanks)]
        names = [n for n in NAMES if n != "size effect of the bilayer" or len(blank.samples) > 1]
        mechanisms = ready(blank, names)
        made, _ = problems_of(blank, mechanisms)
        m = int(rng.integers(len(made)))
        n = m if rng.random() < 0.5 else int(rng.integers(len(made)))
        problem, _, _ = drawn(blank, made[m], rng)
        fitted = problems_of(problem, mechanisms)[0][n]
        target = Standard(fitted)
        own = np.random.default_rng(done)
        began = time.perf_counter()
        one = importance(target, _modes(target, names[n], own, 24), own)
        middle = time.perf_counter()
        two = nested(target, own)
        end = time.perf_counter()
        with Together(target) as (likelihood, pool):
            sampler = NestedSampler(
                likelihood, lambda v: v, target.size, nlive=800, sample="rwalk", pool=pool, queue_size=100,
                rstate=np.random.default_rng(done), use_pool={"prior_transform": False},
            )  # fmt: skip
            sampler.run_nested(dlogz=0.02, print_progress=False)
        theirs = sampler.results
        last = time.perf_counter()
        print(
            f"{done}: {names[n]} on data of {names[m]}, {target.size} dimensions: importance {one.log:.2f}({one.error:.2f}) "
            f"eff {one.effective:.0f} tail {one.tail:.2f} {one.method} {one.why} {middle - began:.1f} s; nested {two.log:.2f}({two.error:.2f}) "
            f"{two.method} {end - middle:.1f} s; dynesty {theirs.logz[-1]:.2f}({theirs.logzerr[-1]:.2f}) {last - end:.1f} s; "
            f"off {one.log - theirs.logz[-1]:+.2f} {two.log - theirs.logz[-1]:+.2f}", flush=True,
        )  # fmt: skip
        done += 1


def main() -> None:
    asked = sys.argv[1:] or ["speed"]
    if asked[0] == "calibration":
        calibration(*(int(a) for a in asked[1:]))
    elif asked[0] == "evidence":
        evidence(int(asked[1]))


if __name__ == "__main__":
    main()
