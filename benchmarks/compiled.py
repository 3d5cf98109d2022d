"""Compile-once models and gradients, always the public call, against what one would otherwise run."""

from common import one_core, random_films, seconds

one_core()

from functools import partial  # noqa: E402
from time import perf_counter  # noqa: E402

import numpy as np  # noqa: E402

import spinstack as ss  # noqa: E402

nm = 1e-9
FREE = ["Pt.thickness", "Pt.spin_hall_angle", "Pt.spin_diffusion_length", "YIG.mixing_conductance.real"]


def films() -> None:
    """15 Pt/YIG films x 361 angles: R_xx and its derivatives."""
    film = ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 2e13j) | ss.Metal(
        "Pt", thickness=5 * nm, conductivity=5e6, spin_diffusion_length=1.5 * nm, spin_hall_angle=0.08
    )
    x = np.array([[t * nm, 0.08, 1.5 * nm, 4e14] for t in np.linspace(1, 15, 15)])
    model = ss.compile(film, free=FREE, observable=ss.angular_scan, plane="beta", variables="R_xx")
    points = [film.replace(dict(zip(FREE, one, strict=True))) for one in x]
    loop, _ = seconds(lambda: [ss.angular_scan(one, plane="beta") for one in points])
    value, _ = seconds(lambda: model(x), 25)
    both, _ = seconds(lambda: model.value_and_jacobian(x), 25)
    faster = f"{loop / value:.0f} times faster"
    print(f"15 films x 361 angles: angular_scan in a loop {1e3 * loop:.1f} ms, model {1e3 * value:.2f} ms, {faster}")
    print(f"with its Jacobian by 4 parameters {1e3 * both:.2f} ms, {both / value:.1f} times the values")
    before = model.compilations
    for count in (1, 3, 15, 16, 40):
        model.value_and_jacobian(x[np.arange(count) % 15])
    print(f"compilations at five other sizes: {model.compilations - before}")


def gradients() -> None:
    """A gradient by all parameters of a three-layer film against what it is the gradient of."""
    film, m = random_films(3)
    scan = np.stack([np.zeros(361), np.cos(t := np.deg2rad(np.arange(361.0))), np.sin(t)], -1)
    for words, observable in {
        "sheet resistance tensor": partial(ss.sheet_resistance, m=m),
        "magnetoresistance": partial(ss.magnetoresistance, plane="beta"),
        "a curve of 361 angles": lambda f: ss.sheet_resistance(f, m=scan)[:, 0, 0],
        "angular_scan, all its variables": partial(ss.angular_scan, plane="beta"),
    }.items():
        start = perf_counter()
        ss.gradient(film, observable)
        first = perf_counter() - start
        value, _ = seconds(lambda observable=observable: observable(film), 15)
        grad, _ = seconds(lambda observable=observable: ss.gradient(film, observable), 15)
        times = f"value {1e3 * value:7.2f} ms, gradient {1e3 * grad:7.2f} ms, ratio {grad / value:5.1f}"
        print(f"{words:32s} {times}, first call {first:.1f} s")


if __name__ == "__main__":
    films()
    gradients()
