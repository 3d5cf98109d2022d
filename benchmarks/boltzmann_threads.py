"""The Boltzmann equation on all cores: linear algebra with its own threads or one, films one by one or side by side.

python benchmarks/boltzmann_threads.py [films of a batch, default 64]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import numpy as np

import spinstack as ss
from common import together
from spinstack.numerics import threads

RTOL = float(sys.argv[2]) if len(sys.argv) > 2 else 1e-4


def film(thickness: object) -> ss.Film:
    """A heavy metal and a magnet, with a barrier of exchange and Rashba coupling between them."""
    k = 1.36e10
    return (
        ss.Metal("N", thickness=thickness, mean_free_path=5e-9, spin_flip_length=2e-8, fermi_wavevector=k)
        | ss.Interface(scattering=ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.1, fermi_wavevector=k))
        | ss.Ferromagnet(
            "F", thickness=3e-9, mean_free_path=4e-9, spin_flip_length=4e-8, polarization=0.369, dephasing_length=1e-9,
            fermi_wavevector=k,
        )
    )  # fmt: skip


def resistance(of: ss.Film) -> Callable[[], object]:
    return lambda: ss.sheet_resistance(of, m=(0, 1, 0), solver=ss.Boltzmann(rtol=RTOL))


@contextmanager
def as_it_is(*, own_threads: bool, count: int) -> Iterator[None]:
    """Linear algebra left with its own threads, or as the package has it; so many threads for films."""
    before, kept = threads._one_thread, os.environ.get("SPINSTACK_THREADS")
    threads._one_thread = nullcontext if own_threads else before
    os.environ["SPINSTACK_THREADS"] = str(count)
    try:
        yield
    finally:
        threads._one_thread = before
        os.environ.pop("SPINSTACK_THREADS") if kept is None else os.environ.update(SPINSTACK_THREADS=kept)


def under(task: Callable[[], object], **how: object) -> Callable[[], object]:
    def run() -> object:
        with as_it_is(**how):
            return task()

    return run


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    cores = threads.threads()
    for words, task, repeats in (
        ("one film", resistance(film(5e-9)), 9),
        (f"{count} films", resistance(film(np.linspace(2e-9, 9e-9, count))), 5),
    ):
        times = together(
            {
                "linear algebra with its own threads": under(task, own_threads=True, count=1),
                "with one": under(task, own_threads=False, count=1),
                f"with one, films on {cores} threads": under(task, own_threads=False, count=cores),
            },
            repeats,
        )
        for how, time in times.items():
            print(f"{words:10s} {how:40s} {time * 1e3:8.1f} ms")


if __name__ == "__main__":
    main()
