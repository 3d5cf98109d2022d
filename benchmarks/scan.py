"""A three-plane scan of 361 angles of a four-layer film: the whole public call, after compilation. Aim: 5 ms."""

from common import one_core, random_films, seconds

one_core()

import numpy as np  # noqa: E402

import spinstack as ss  # noqa: E402

PLANES = ("alpha", "beta", "gamma")


def loop(film: ss.Film, angles: np.ndarray) -> list[np.ndarray]:
    """What a user would otherwise write: one solution per angle."""
    from spinstack.observables.planes import directions

    return [ss.sheet_resistance(film, m=m) for plane in PLANES for m in directions(plane, angles)]


def main() -> None:
    """Print medians."""
    film, _ = random_films(4)
    angles = np.arange(361.0)
    whole, least = seconds(lambda: ss.angular_scan(film, PLANES, angles), 15)
    few = angles[::20]
    each, _ = seconds(lambda: loop(film, few), 5)
    each *= len(angles) / len(few)
    print(f"angular_scan, 3 planes x 361 angles, 4 layers: median {1e3 * whole:.2f} ms, least {1e3 * least:.2f} ms")
    print(f"one call per angle instead: {1e3 * each:.0f} ms, {each / whole:.0f} times as long")


if __name__ == "__main__":
    main()
