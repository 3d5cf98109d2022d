"""Magnets in time, one core: a 320 x 320 switching diagram of 2000 steps from a film, aim 10 s; steps against cmtj.

cmtj (pip install cmtj) moves one magnet at a time, by its torque drivers and RK4; the same magnet is moved here. Where
it is not installed its line is left out. All times are CPU time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import common

common.one_core()

import spinstack as ss  # noqa: E402

NM, SIDE, STEPS, STEP = 1e-9, 320, 2000, 1e-12


def film() -> Any:
    """Platinum below cobalt."""
    return (
        ss.Metal("Pt", thickness=5 * NM, conductivity=4e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.1)
        | ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=6e14 + 1e14j)
        | ss.Ferromagnet(
            "Co", thickness=1 * NM, conductivity=4e6, polarization=0.4, spin_diffusion_length=8 * NM,
            dephasing_length=0.7 * NM,
        )
    )  # fmt: skip


def model() -> Any:
    """The film, asked anew."""
    magnet = ss.Macrospin("Co", magnetization=1.1e6, damping=0.05, anisotropy_field=0.4, easy_axis="z")
    return ss.MagneticModel(film(), [magnet])


def cpu(task: Callable[[], Any], repeats: int = 5) -> float:
    """Median processor time [s]."""
    return common.seconds(task, repeats, time.process_time)[0]


def diagram() -> Any:
    """From the film to where every magnet ends."""
    over = {"current": np.linspace(-1e5, 1e5, SIDE), "Bx": np.linspace(-0.2, 0.2, SIDE)}
    pulse = ss.Pulse(current=0.0, rise=1e-10, plateau=1e-9)
    return ss.switching_map(model(), over, pulse, "z", step=STEP, relax=STEPS * STEP - 1.2e-9)


def theirs(made: Any, current: float, steps: int) -> Callable[[], Any] | None:
    """The same magnet in cmtj."""
    try:
        import cmtj
    except ImportError:
        return None
    place: dict[str, Any] = {}
    exec(ss.export_torque(made, "cmtj", current=current), place)
    junction = place["junction"]((0.1, 0.0, 1.0))
    field = cmtj.AxialDriver(0.05 / (4e-7 * np.pi), 0.0, 0.0)
    junction.setLayerExternalFieldDriver("Co", field)

    def run() -> Any:
        junction.clearLog()
        # one entry of its log alone
        return junction.runSimulation(steps * STEP, STEP, steps * STEP, solverMode=cmtj.RK4)

    return run


def slopes() -> None:
    """Derivatives of critical currents against what the film is asked for at one direction of m."""
    made = model()
    fold = ss.critical_current(made, "fold", B=(0.05, 0, 0), sign=-1, m=(0.1, 0, 1))
    count = len(fold.gradient())

    def solution() -> Any:
        return ss.torque(made.film, m=(0.1, 0, 1)), ss.layer_currents(made.film, m=(0.1, 0, 1))

    ratio = cpu(fold.gradient, 21) / cpu(solution, 21)
    print(f"derivatives of a fold by {count} parameters: {ratio:.1f} film solutions, {ratio / count:.2f} a parameter")


def main() -> None:
    """Print medians."""
    start = time.process_time()
    diagram()
    print(f"{SIDE} x {SIDE} diagram of {STEPS} steps from a film, first call: {time.process_time() - start:.1f} s")
    whole = cpu(diagram, 3)
    print(f"the same again: {whole:.1f} s, {1e9 * whole / SIDE**2 / STEPS:.0f} ns a step of one magnet")
    made, steps = model(), 200_000
    current, B = 3e4, (0.05, 0, 0)
    rates = {}
    for lanes in (1, 16, 2048):
        number = steps if lanes == 1 else STEPS
        K = current * np.linspace(0.9, 1.1, lanes)

        def run(K: Any = K, number: int = number) -> Any:
            return ss.trace(made, (0.1, 0, 1), duration=number * STEP, current=K, B=B, step=STEP, samples=2)

        rates[lanes] = number * lanes / cpu(run)
    slopes()
    other = theirs(made, current, steps)
    if other is None:
        print("cmtj is not installed")
        return
    rate = steps / cpu(other)
    print(f"cmtj: {rate:.3g} steps a second")
    for lanes, ours in rates.items():
        print(f"trace, {lanes} magnets at once: {ours:.3g} steps a second, {ours / rate:.1f} times cmtj")


if __name__ == "__main__":
    main()
