"""A sweep that writes down what is computed of it, for programs that are killed."""

import sys
import time
from pathlib import Path

import numpy as np

import spinstack as ss
from spinstack.observables import sweeps

NM = 1e-9
FILM = ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1) | (
    ss.MagneticInsulator("YIG", mixing_conductance=1e14 + 1e13j)
)
CHUNK, COUNT = 10, 60
OVER = {"Pt.thickness": np.linspace(1, 9, CHUNK * COUNT) * NM}


class Watched:
    """An observable of which every chunk leaves a line in a log, which says whether it was there already.

    With a pause it is a magnetoresistance, which has to be compiled; without one it is done at once.
    """

    def __init__(self, target, pause):
        self.target, self.pause = str(target), pause

    def __call__(self, film):
        t = np.asarray(film.layers[0].thickness)
        if t.size > 1:
            number = int(np.argmin(np.abs(OVER["Pt.thickness"] - t[0]))) // CHUNK
            there = bool(list(Path(f"{self.target}.parts").glob(f"*-{number:06d}.part")))
            with open(f"{self.target}.log", "a") as log:
                log.write(f"{number} {int(there)}\n")
            time.sleep(self.pause or 0.02)
        return {"value": ss.magnetoresistance(film, plane="beta") if self.pause else t**2}


def compute(target, client=None, pause=0.0):
    """The sweep into a file."""
    sweeps.CHUNK = CHUNK
    return ss.sweep(FILM, OVER, Watched(target, pause), target, key=f"watched {pause}", client=client)


def computed(target):
    """How often each chunk was begun; no finished one was."""
    lines = [line.split() for line in Path(f"{target}.log").read_text().splitlines()]
    assert {there for _, there in lines} == {"0"}, "a finished chunk was computed again"
    begun = [int(number) for number, _ in lines]
    assert set(begun) == set(range(COUNT))
    return begun


def main():
    """A program: `scheduler` with workers, which says its address, or `client` of one or of its own workers."""
    from spinstack.numerics.workers import scheduler, workers

    what, target, pause, address = sys.argv[1:]
    with scheduler(address) if address else workers(2) as client:
        print(client.scheduler.address, flush=True)
        if what == "client":
            compute(target, client, float(pause))
        else:
            time.sleep(600)


if __name__ == "__main__":
    main()
