"""Compiled models and gradients against the public calls that they stand for.

Aims: 15 films x 361 angles 50 times faster than a loop of angular_scan, their Jacobian at most 5 values; 0.2 ms of a
call beyond the arithmetic; gradient of one film at most 6 values, of a curve of 361 points at most 10 curves.
"""

from functools import partial

from common import one_core, random_films, seconds

one_core()

import numpy as np  # noqa: E402

import spinstack as ss  # noqa: E402

FILMS = 15


def scans() -> None:
    """Values and Jacobian of many films against a loop, and what new sizes compile."""
    film, _ = random_films(3)
    free = [
        "N0.thickness",
        "N0.spin_hall_angle",
        "N0.spin_diffusion_length",
        "F1.thickness",
        "F1.polarization",
        "N2.thickness",
    ]
    model = ss.compile(film, free, ss.angular_scan, plane="beta", variables="R_xx")
    x = model.x0 * np.random.default_rng(0).uniform(0.8, 1.2, (FILMS, len(free)))
    films = [film.replace(dict(zip(free, point, strict=True))) for point in x]
    loop, _ = seconds(lambda: [ss.angular_scan(one, "beta") for one in films], 5)
    value, _ = seconds(lambda: model(x), 25)
    both, _ = seconds(lambda: model.value_and_jacobian(x), 25)
    faster = f"{loop / value:.0f} times faster"
    print(f"{FILMS} films x 361 angles: loop {1e3 * loop:.1f} ms, model {1e3 * value:.2f} ms, {faster}")
    print(f"with Jacobian by {len(free)} parameters {1e3 * both:.2f} ms, {both / value:.1f} values")
    before = model.compilations
    for count in (FILMS - 1, FILMS - 2):
        model.value_and_jacobian(x[:count])
    print(f"programs compiled for other sizes: {model.compilations - before}")


def overhead() -> None:
    """One call for one point."""
    film, m = random_films(2)
    model = ss.compile(film, ["N0.thickness", "N0.spin_hall_angle"], m=m)
    whole, least = seconds(lambda: model(model.x0), 200)
    print(f"one point: median {1e3 * whole:.3f} ms, least {1e3 * least:.3f} ms")


def gradients() -> None:
    """Of one film and of a curve, after the first call."""
    film, m = random_films(3)
    many = np.random.default_rng(0).normal(size=(361, 3))
    curves = {
        "one number": lambda film: ss.sheet_resistance(film, m=m)[0, 0],
        "361 points": lambda film: ss.sheet_resistance(film, m=many)[:, 0, 0],
        "scan of 361 angles": partial(ss.angular_scan, plane="beta"),
    }
    for words, observable in curves.items():
        value, _ = seconds(partial(observable, film), 25)
        slope, _ = seconds(partial(ss.gradient, film, observable), 25)
        print(
            f"gradient, {words}: value {1e3 * value:.2f} ms, gradient {1e3 * slope:.2f} ms, ratio {slope / value:.1f}"
        )


if __name__ == "__main__":
    scans()
    overhead()
    gradients()
