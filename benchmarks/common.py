"""What the benchmarks share: one core, random films, and a stopwatch. Import it before spinstack or JAX."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np


def one_core() -> int:
    """Keep this process, and the threads that XLA will start in it, on one core; returns its number."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
    return core


def seconds(
    task: Callable[[], Any], repeats: int = 7, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float]:
    """Median and smallest time [s] by a clock, that on the wall, of `repeats` runs after one that is not counted."""
    task()
    times = []
    for _ in range(repeats):
        start = clock()
        task()
        times.append(clock() - start)
    return median(times), min(times)


def together(tasks: dict[str, Callable[[], Any]], repeats: int = 9) -> dict[str, float]:
    """Median seconds of tasks that take turns, after one turn that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(repeats + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: median(found) for name, found in times.items()}


def random_films(layers: int, size: int | None = None, seed: int = 0) -> tuple[Any, dict[str, np.ndarray]]:
    """`size` films at once (or a single one) of alternating metals and ferromagnets, an interface between any two.

    Every usual coupling is on: spin Hall effect in both, polarisation, dephasing, exchange precession, anomalous Hall
    effect, anisotropic magnetoresistance, complex mixing, filtering and precession at interfaces. Returns the film and
    a direction per magnet; they are not collinear.
    """
    import spinstack as ss

    rng = np.random.default_rng(seed)

    def between(low: float, high: float) -> Any:
        return rng.uniform(low, high, size)

    elements: list[Any] = []
    m = {}
    for i in range(layers):
        shared = {
            "thickness": between(1e-9, 8e-9),
            "conductivity": between(1e6, 1e7),
            "spin_hall_angle": between(-0.2, 0.2),
        }
        if i:
            up, down = between(2e14, 8e14), between(1e14, 2e14)
            elements.append(
                ss.Interface(
                    conductance_up=up,
                    conductance_down=down,
                    mixing_conductance=(up + down) * (between(0.6, 1.5) + 1j * between(-0.3, 0.3)),
                    filtering=between(-5e4, 5e4),
                    precession=between(-5e4, 5e4),
                    # a film whose precession current costs no power could not exist
                    sheet_conductance=between(1e-4, 2e-4),
                )
            )
        if i % 2 == 0:
            elements.append(ss.Metal(f"N{i}", spin_diffusion_length=between(1e-9, 5e-9), **shared))
            continue
        elements.append(
            ss.Ferromagnet(
                f"F{i}",
                spin_diffusion_length=between(3e-9, 10e-9),
                polarization=between(0.2, 0.7),
                dephasing_length=between(1e-9, 3e-9),
                precession_length=between(1e-9, 3e-9),
                amr_ratio=between(0.0, 0.05),
                anomalous_hall_angle=between(-0.02, 0.02),
                **shared,
            )
        )
        direction = rng.normal(size=(3,) if size is None else (size, 3))
        m[f"F{i}"] = direction / np.linalg.norm(direction, axis=-1, keepdims=True)
    return ss.Film(tuple(elements)), m
