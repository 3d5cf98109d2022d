"""Mechanisms of the magnetoresistance of RuO2/Py-like films: how right their stated probabilities are.

python mechanisms.py calibration 3 300   # films, sets: stated against right
python mechanisms.py evidence 20         # ln Z against dynesty, where that is installed
python mechanisms.py outside 3 60        # truths that are not in the list
python mechanisms.py gain 60             # information predicted against achieved
python mechanisms.py speed
"""

import os

from common import one_core

if not os.environ.get("MANY"):
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
from spinstack.fitting.masks import problems_of
from spinstack.fitting.mechanisms import _modes
from spinstack.fitting.nested import nested
from spinstack.fitting.standard import Standard

NM = 1e-9
NAMES = [
    "none", "spin Hall", "IGSC without inverse", "IGSC with inverse", "size effect", "size effect of the bilayer",
    "anomalous Hall", "Rashba-Edelstein", "spin splitter", "spin Hall and size effect",
]  # fmt: skip
PLANES = ["alpha", "beta", "gamma"]
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
    arguments = {"plane": PLANES, "angles": [90.0], "current": current}
    variable = "MR_xx" if current == "x" else "MR_yy"
    label = f"{name}, current {current}"
    return Data(name, ss.angular_scan, values, np.full(3, error), arguments, variable, 0.0, label)


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
            f"{spent[-1]:.1f} s; all: {' '.join(f'{p:.4f}' for p in probability)}; truth {m}", flush=True,
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
            told = f"stated {p[own].mean():.3f}, right {hit[own].mean():.3f}"
            print(f"  {low:.1f} to {high:.1f}: {int(own.sum())}, {told}")


def evidence(count: int) -> None:
    """ln Z of our two samplers against dynesty (random walk, 800 live points)."""
    from dynesty import NestedSampler

    from together import Together

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
        with Together(target) as pool:
            sampler = NestedSampler(
                pool.likelihood, lambda v: v, target.size, nlive=500, sample="rwalk", pool=pool, queue_size=100,
                rstate=np.random.default_rng(done), use_pool={"prior_transform": False},
            )  # fmt: skip
            sampler.run_nested(dlogz=0.02, print_progress=False)
        theirs = sampler.results
        last = time.perf_counter()
        z = theirs.logz[-1]
        print(
            f"{done}: {names[n]} on data of {names[m]}, {target.size} dimensions: "
            f"importance {one.log:.2f}({one.error:.2f}) "
            f"of {one.effective:.0f}, {one.method} {one.why} {middle - began:.1f} s; "
            f"nested {two.log:.2f}({two.error:.2f}) "
            f"{two.method} {end - middle:.1f} s; dynesty {z:.2f}({theirs.logzerr[-1]:.2f}) {last - end:.1f} s; "
            f"off {one.log - z:+.2f} {two.log - z:+.2f}", flush=True,
        )  # fmt: skip
        done += 1


def outside(count: int, sets: int) -> None:
    """Truths that are not in the list: the share of "none of these" where no mechanism of it can be near."""
    blank = template(FILMS[:count])
    every_one = ready(blank)
    truths, _ = problems_of(blank, every_one)
    error = np.concatenate([np.sqrt(np.diag(one.covariance)) for one in blank.data])
    by_effect, k = [], 0
    while len(by_effect) < sets:
        k += 1
        rng = np.random.default_rng([99, count, k])
        m = int(rng.choice([5, 8]))  # the size effect of the bilayer, the spin splitter
        problem, v, true = drawn(blank, truths[m], rng)
        off = v.copy()
        off[[c.path in every_one[m].paths for c in truths[m].coordinates]] = 0.0
        without = truths[m].computed(Standard(truths[m]).coordinates(off[None])[0])[0]
        effect = float(np.sqrt(np.sum(((true - without) / error) ** 2)))
        if effect < 5:
            continue
        others = [one for i, one in enumerate(every_one) if i != m]
        found = compare_mechanisms(problem, others, seed=k, fallback=False)  # what fits does not hang on evidence
        best = float(found["goodness"].max())
        near = float(found["chi2"].min() - found["degrees_of_freedom"][0])
        by_effect.append((effect, near, found.none_fits, NAMES[m]))
        print(f"{NAMES[m]}: effect {effect:.0f} sigma, best p {best:.2g}, none_fits {found.none_fits}", flush=True)
    table = np.array([(a, b, c) for a, b, c, _ in by_effect], dtype=float)
    print(f"{len(table)} sets with an effect above 5 sigma: none of these in {table[:, 2].mean():.2f}")
    for name in (NAMES[5], NAMES[8]):
        own = np.array([n == name for *_, n in by_effect])
        if own.any():
            print(f"  {name}: {int(table[own, 2].sum())} of {int(own.sum())}")


def gain(sets: int, begin: int = 0) -> None:
    """Fall of the entropy of the mechanisms after the chosen film and after a random one, against what was expected."""
    mechanisms = ready(template(FILMS[:3]))
    offers = [(2, 4), (10, 4), (5, 2), (5, 8), (2, 2), (10, 8)]
    whole = template([*FILMS[:2], (2, 4), *[o for o in offers if o != (2, 4)]])
    rows = []
    for k in range(begin, begin + sets):
        rng = np.random.default_rng([7, k])
        m = int(rng.integers(len(mechanisms)))
        rows.append(_gained(whole, mechanisms, offers, m, rng, k))
        print(" ".join(f"{v:.3f}" for v in rows[-1]), flush=True)
    told, fell, told_random, fell_random = np.array(rows).T
    error = np.std([fell, fell_random], axis=1) / np.sqrt(len(fell))
    print(f"chosen: expected {told.mean():.3f}, fell {fell.mean():.3f}({error[0]:.3f}); random: expected "
          f"{told_random.mean():.3f}, fell {fell_random.mean():.3f}({error[1]:.3f}); chosen less random "
          f"{(fell - fell_random).mean():.3f}({np.std(fell - fell_random) / np.sqrt(len(fell)):.3f})")  # fmt: skip


def _entropy(found: Any) -> float:
    p = found["probability"].values
    return float(-np.sum(p * np.log(np.maximum(p, 1e-300))))


def _gained(
    whole: Problem, mechanisms: Sequence[Mechanism], offers: Sequence[tuple[int, int]], m: int, rng: Any, k: int
) -> tuple[float, float, float, float]:
    truth = problems_of(whole, ready(whole))[0][m]
    problem, _, _ = drawn(whole, truth, rng)
    base = [one for one in problem.data if one.sample in ("5/4", "Py 4")]

    def compared(extra: str = "") -> Any:
        names = {"5/4", "Py 4", extra}
        kept = [s for s in problem.samples if s.name in names]
        own = Problem(kept, UNKNOWNS, [*base, *(one for one in problem.data if one.sample == extra)])
        return compare_mechanisms(own, ready(own), seed=k)

    first = compared()
    candidates = [
        Candidate(
            f"{a}/{b}", "5/4", ss.angular_scan, np.full(3, 5e-5), {"plane": PLANES, "angles": [90.0]},
            "MR_xx", {"RuO2.thickness": a * NM, "Py.thickness": b * NM},
        )
        for a, b in offers
    ]  # fmt: skip
    # of the new film the scan with the current along x alone is measured
    problem = Problem(
        problem.samples, UNKNOWNS,
        [one for one in problem.data if one.sample in ("5/4", "Py 4") or one.name.endswith("current x")],
    )  # fmt: skip
    plan = next_measurement(first, candidates, seed=k)
    chosen = str(plan["candidate"].values[0])
    other = str(rng.choice(plan["candidate"].values))
    before = _entropy(first)
    after = compared(chosen)
    second = after if other == chosen else compared(other)
    return (
        float(plan["gain"].sel(candidate=chosen)), before - _entropy(after), float(plan["gain"].sel(candidate=other)),
        before - _entropy(second),
    )  # fmt: skip


def speed() -> None:
    for count in (3, 9):
        blank = template(FILMS[:count])
        mechanisms = ready(blank)
        problem, _, _ = drawn(blank, problems_of(blank, mechanisms)[0][1], np.random.default_rng(1))
        compare_mechanisms(problem, mechanisms)
        began = time.perf_counter()
        compare_mechanisms(problem, mechanisms, seed=1)
        print(f"{count} films, {len(mechanisms)} mechanisms: {time.perf_counter() - began:.1f} s once compiled")


def main() -> None:
    what, *numbers = sys.argv[1:] or ["speed"]
    {"calibration": calibration, "evidence": evidence, "outside": outside, "gain": gain, "speed": speed}[what](
        *map(int, numbers)
    )


if __name__ == "__main__":
    main()
