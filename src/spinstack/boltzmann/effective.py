"""An interface seen from far away: the boundary condition that it sets for diffusion, from the Boltzmann equation.

Both neighbours are thick, scatter as in the film, and relax no spin (no spin flip, precession, dephasing, spin Hall
effect). Beyond some mean free paths nothing is then left but currents that are constant and potentials that are linear
in depth; extrapolated to the interface they obey currents = G potentials + K E, currents and potentials at 0- and 0+.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import assemble
from spinstack.boltzmann.closure import close, whole
from spinstack.boltzmann.describe import Segment, describe
from spinstack.boltzmann.layer import frame, profile
from spinstack.boltzmann.quadrature import ONE, Directions, directions
from spinstack.boltzmann.rates import Rates
from spinstack.boltzmann.response import Kernels, shifts
from spinstack.boltzmann.solve import refine
from spinstack.numerics.threads import small_matrices
from spinstack.stack import Film
from spinstack.text.errors import ParameterError

#: thickness of the neighbours in units of the longest mean free path, and where the linear part is read off
_THICK, _READ = 80.0, (0.4, 0.6)
#: conductivity over C and mean free path that is rounding
_ROUNDING = 1e-13


class Condition(NamedTuple):
    """Rows x, y, z, c at 0-, then at 0+; columns mu_s and mu_c [V] likewise, or the in-plane field along x, y.

    conductance (8, 8) [S/m^2], conductivity (8, 2) [S/m]; error (): estimated, relative; directions used.
    """

    conductance: np.ndarray
    conductivity: np.ndarray
    error: float
    directions: tuple[int, int]


@small_matrices
def boundary_condition(film: Film, index: int, m: list[np.ndarray], rtol: float) -> Condition:
    """The condition at the interface at position `index`, m (3,) of every magnet; ParameterError as `solve`."""
    problem = describe(film, m)
    if problem.radii != ONE or problem.resolved:
        why = f"in a film with {'several Fermi spheres' if problem.radii != ONE else 'scattering_anisotropy'}"
        raise ParameterError(why, where=film.labels()[index], path=(index,), allowed="one Fermi sphere",
                             remedy="Its scattering model has the coefficients: model.coefficients(m).")  # fmt: skip
    segment = next(s for s in problem.segments if s.elements[0] < index < s.elements[-1])
    n = next(i for i, element in enumerate(segment.elements) if element > index) - 1
    contact = segment.contacts[n]
    if contact.model is None:
        why = "a perfect contact, which has no boundary condition of its own"
        raise ParameterError(why, where=film.labels()[index], path=(index,))
    sides = [_conserving(r) for r in segment.rates[n : n + 2]]
    alone = Segment(_thick(sides), [contact], [-1, -1], [-1], [0, 2], [1], [None, None], [-1, -1])
    kernels = Kernels()

    def evaluate(grid: tuple[int, int]) -> np.ndarray:
        return _condition(alone, directions(*grid), kernels)

    def change(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        worst = 0.0
        for part in (np.s_[:, :8], np.s_[:, 8:]):
            size = float(np.abs(new[part]).max())
            if size > 0:
                worst = max(worst, float(np.abs(new[part] - old[part]).max()) / size)
        return np.array([worst])

    found, error, grid = refine(evaluate, change, rtol, problem.turns)
    return Condition(problem.C * found[:, :8], problem.C * found[:, 8:], float(error[0]), grid)


def _conserving(r: Rates) -> Rates:
    mean = (r.up + r.down) / 2
    none = np.zeros((3, 2))
    return r._replace(flip=0.0, across=mean, across_in=mean, precession=0.0, source=none, splitter=none)


def _thick(sides: list[Rates]) -> list[Rates]:
    return [r._replace(thickness=_THICK / min(r.up, r.down)) for r in sides]


def _condition(segment: Segment, d: Directions, kernels: Kernels) -> np.ndarray:
    """(8, 10) over C: conductance, conductivity, from ten drives: h from either reservoir, and the in-plane fields."""
    solved = [kernels(r, d) for r in segment.rates]
    faces = assemble([segment.contacts], 1, d, range(4))
    N, M = len(d.mu), len(d.phi)
    deep = [shifts([r], d).both(d, d.flux[:, None, None] * d.inplane) for r in segment.rates]
    # (N, M, 16, 2): electrons enter lower faces upwards and leave them downwards
    entering = np.concatenate([one[0] for up, down in deep for one in (up, down)], 2)
    leaving = np.concatenate([one[0] for up, down in deep for one in (down, up)], 2)
    scattered = faces.scattered(d, leaving[None], None)[0]
    source = np.zeros((1, N, M, 16, 10))
    # far from the interface electrons enter with the bulk's own shift, so that only the reservoirs' h is left there
    source[0, :, :, 4:12, 8:] = (scattered - entering)[:, :, 4:12]
    for column in range(8):
        source[0, :, :, column if column < 4 else column + 8, column] = d.flux[:, None]
    passages = [whole(frame(r.axis[None]), [k], d) for r, k in zip(segment.rates, solved, strict=True)]
    inside = close(passages, faces, d, source, closed=False)
    mean = inside.mean[0].reshape(N, 4, 4, 10)
    currents, potentials = [], []
    for n, (r, k) in enumerate(zip(segment.rates, solved, strict=True)):
        shares = np.array(_READ if n == 0 else [1 - s for s in _READ])[:: 1 if n == 0 else -1]
        z = shares * r.thickness
        density, flux = profile(r, k, d, mean[:, 2 * n], mean[:, 2 * n + 1], z)
        face = r.thickness if n == 0 else 0.0
        slope = (density[:, 1] - density[:, 0]) / (z[1] - z[0])
        currents.append(flux.mean(1))
        potentials.append((density[:, 0] + slope * (face - z[0])) * np.array([2.0, 2.0, 2.0, 1.0])[:, None])
    Q, mu = np.concatenate(currents), np.concatenate(potentials)
    G = np.linalg.solve(mu[:, :8].T, Q[:, :8].T).T
    K = Q[:, 8:] - G @ mu[:, 8:]
    rounding = _ROUNDING * max(r.path for r in segment.rates)
    return np.concatenate([G, K if np.abs(K).max() > rounding else np.zeros_like(K)], 1)
