"""Four point contacts on or in a round film, from image charges: every R_ij_kl, with the Hall part on the edge."""

import itertools

import numpy as np


def disk(places, sheet, hall=0.0):
    """R_ij_kl = (V_k - V_l)/I [Ohm] of all connections of four contacts at complex `places`, |place| <= 1.

    A source on or in the disk has an image at 1/conjugate(place), so that no current crosses the edge. The Hall part of
    points on the edge is R_xy times the current that passes between them.
    """
    out = {}
    for i, j, k, n in itertools.permutations(range(4)):

        def potential(at, i=i, j=j):
            terms = [np.log(abs(at - places[s])) + np.log(abs(1 - np.conj(places[s]) * at)) for s in (i, j)]
            return -sheet / (2 * np.pi) * (terms[0] - terms[1])

        between = {1: 1.0, 3: -1.0}.get((k - i) % 4, 0.0) if (i - j) % 4 == 2 else 0.0
        out[f"R_{i + 1}{j + 1}_{k + 1}{n + 1}"] = potential(places[k]) - potential(places[n]) + hall * between
    return {name: float(v) for name, v in out.items()}
