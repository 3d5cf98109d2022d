"""What goes on inside the layers under in-plane fields."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from spinstack.boltzmann.boundaries import Specularity
from spinstack.boltzmann.describe import Problem
from spinstack.boltzmann.layer import cartesian, frame, profile
from spinstack.boltzmann.perpendicular import crossed
from spinstack.boltzmann.quadrature import Directions
from spinstack.boltzmann.rates import Rates
from spinstack.boltzmann.response import Driven, Kernels, drive, face_currents
from spinstack.boltzmann.solve import (
    check_resolution,
    check_specularity,
    check_surfaces,
    problems,
    refine,
    relative_change,
)
from spinstack.numerics.threads import small_matrices
from spinstack.stack import Film
from spinstack.text import checks
from spinstack.text.errors import ParameterError

#: Gauss nodes per layer for averages over its thickness
_DEPTHS = 24


class Profiles(NamedTuple):
    """Depth profiles per in-plane field, last axis the field along x, y; (n,) points from the bottom to the top.

    Of a film that is crossed by a current along z: per current density, the last axis of length 1.

    z (n,) [m] from the bottom face of the film; layer (n,): position of the layer in the film; mu_c (n, 2), mu
    (n, 3, 2) [m]; Q (n, 3, 2) z-flowing spin current, j_c (n, 2) charge current along z, j (n, 2, 2) in-plane current
    density, row its direction [S/m]; error, directions, converged as in `solve`. mu_c is zero at the bottom face.
    """

    z: np.ndarray
    layer: np.ndarray
    mu_c: np.ndarray
    mu: np.ndarray
    Q: np.ndarray
    j_c: np.ndarray
    j: np.ndarray
    error: float
    directions: tuple[int, int]
    converged: bool


@small_matrices
def profiles(
    film: Film,
    m: Any = None,
    specularity: tuple[Specularity, Specularity] = (0.0, 0.0),
    rtol: float = 1e-4,
    points: int = 65,
    resolution: tuple[int, int] | None = None,
    fractions: np.ndarray | None = None,
    crossing: bool = False,
) -> Profiles:
    """Potentials and currents at `points` depths per layer, faces included; other arguments as in `solve`, one m.

    `fractions` of each thickness, rising from 0 to 1, may be given in the place of evenly spaced points. `rtol` is
    asked of mu, mu_c, Q and j, each relative to its largest size in the film.
    """
    checks.whole(points, "points", low=2)
    problem = _only(film, m)
    fractions = np.linspace(0.0, 1.0, points) if fractions is None else fractions
    solved = _Inside(problem, check_specularity(specularity), fractions, crossing)
    if resolution is not None:
        check_resolution(resolution)
        return Profiles(**solved(resolution), error=math.nan, directions=resolution, converged=False)
    path = max(r.path for s in problem.segments for r in s.rates)
    natural = {"mu": path, "mu_c": path, "Q": problem.C * path, "j": problem.C * path}
    if crossing:
        natural = {"mu": 1 / problem.C, "mu_c": 1 / problem.C, "Q": 1.0, "j": 1.0}

    def change(old: dict[str, np.ndarray], new: dict[str, np.ndarray]) -> np.ndarray:
        return np.max([relative_change(old[n][None], new[n][None], size) for n, size in natural.items()], 0)

    rows, error, grid = refine(solved, change, rtol, problem.turns)
    return Profiles(**rows, error=float(error[0]), directions=grid, converged=bool(error[0] <= rtol))


@small_matrices
def mean_spin_current(
    film: Film, m: Any, specularity: tuple[Specularity, Specularity], rtol: float, crossing: bool = False
) -> tuple[np.ndarray, float, bool]:
    """Spin current per field averaged over each layer (elements, 3, 2) [S/m], its error, and whether that is `rtol`."""
    problem = _only(film, m)
    nodes, weights = np.polynomial.legendre.leggauss(_DEPTHS)
    solved = _Inside(problem, check_specularity(specularity), (nodes + 1) / 2, crossing)

    def mean(grid: tuple[int, int]) -> np.ndarray:
        rows = solved(grid)
        out = np.zeros((problem.elements, *rows["Q"].shape[1:]))
        for layer in np.unique(rows["layer"]):
            out[layer] = np.tensordot(weights / 2, rows["Q"][rows["layer"] == layer], 1)
        return out

    natural = 1.0 if crossing else problem.C * max(r.path for s in problem.segments for r in s.rates)
    found, error, _ = refine(mean, lambda a, b: relative_change(a[None], b[None], natural), rtol, problem.turns)
    return found, float(error[0]), bool(error[0] <= rtol)


def _only(film: Film, m: Any) -> Problem:
    found, batch = problems(film, m)
    if batch != ():
        why = f"which make a batch of shape {batch}"
        raise ParameterError(why, field="film and m", allowed="one film and one direction")
    return found[0]


class _Inside:
    """The arrays of :class:`Profiles` at fractions (points,) of every thickness, for a number of directions."""

    def __init__(
        self,
        problem: Problem,
        specularity: tuple[Specularity, Specularity],
        fractions: np.ndarray,
        crossing: bool = False,
    ) -> None:
        self.problem, self.specularity, self.fractions, self.kernels = problem, specularity, fractions, Kernels()
        self.crossing = crossing
        if problem.resolved:
            why = "inside a film with scattering_anisotropy, where what is scattered carries current, too"
            raise ParameterError(why, field="profile", remedy="Ask for the sheet conductance or torques.")
        if not crossing:
            check_surfaces(problem, specularity)
        thickness = {i: s.rates[n].thickness for s in problem.segments for n, i in enumerate(s.elements)}
        self.start = dict(zip(thickness, np.cumsum([0.0, *thickness.values()]), strict=False))

    def __call__(self, grid: tuple[int, int]) -> dict[str, np.ndarray]:
        d = self.problem.directions(grid)
        rows: list[dict[str, np.ndarray]] = []
        for index in range(len(self.problem.segments)):
            if self.crossing:
                driven = crossed([self.problem], d, self.kernels)
                through = self.problem.C * face_currents(driven)[0, 0, 3, 0]
            else:
                driven, through = drive([self.problem], index, d, self.specularity, self.kernels), 1.0
            ground = None
            for n, element in enumerate(driven.segments[0].elements):
                z = self.fractions * driven.segments[0].rates[n].thickness
                row = {name: value / through for name, value in in_layer(self.problem, driven, n, z).items()}
                ground = row["mu_c"][0] if ground is None else ground
                row["mu_c"] = row["mu_c"] - ground
                rows.append({"z": self.start[element] + z, "layer": np.full(len(z), element), **row})
        return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def in_layer(problem: Problem, driven: Driven, n: int, z: np.ndarray) -> dict[str, np.ndarray]:
    """Potentials and currents at depths z (n,) above the lower face of layer n of a solved segment."""
    r, k, d = driven.segments[0].rates[n], driven.kernels[n][0], driven.d
    lower, upper = driven.entering_mean[0, :, 2 * n], driven.entering_mean[0, :, 2 * n + 1]
    density, flux = profile(r, k, d, lower, upper, z)
    mean, half = (r.up + r.down) / 2, (r.up - r.down) / 2
    out_rate = np.array([mean, half, half, mean, r.across, -r.precession])
    turned = cartesian(frame(r.axis[None]), out_rate[None])[0]
    force = np.einsum("ab,bzk->azk", turned, flux)[:3]
    inverse = r.path * np.einsum("ij,izk->zjk", r.splitter - r.source, force)
    resolved = driven.entering[0, :, :, 2 * n : 2 * n + 2]
    weighted = np.einsum("ipj,ipfak->ifajk", d.inplane @ r.velocity, resolved) / len(d.phi)
    weighted *= (d.flux / 2)[:, None, None, None, None]
    free = np.zeros((len(z), 2, resolved.shape[-1]))
    for face, distance in ((0, z), (1, r.thickness - z)):
        free += np.einsum("iaz,iajk->zjk", _survival(r, d, distance), weighted[:, face])
    C = problem.C
    # the bulk itself answers a field in the plane only
    field = np.eye(2) if driven.in_plane else np.zeros((2, 1))
    of_bulk = r.sheet / r.thickness * field
    spin_hall = r.radius[0] ** 2 * r.path / 3 * (r.source + r.splitter) @ field
    return {
        "mu_c": density[3],
        "mu": 2 * density[:3].transpose(1, 0, 2),
        "Q": C * (flux[:3].transpose(1, 0, 2) + spin_hall),
        "j_c": C * flux[3],
        "j": C * (of_bulk + free + inverse),
    }


def _survival(r: Rates, d: Directions, distance: np.ndarray) -> np.ndarray:
    """Charge row (N, 4, z) of the unscattered passage over `distance` (z,), per k_z in units of the largest k_F."""
    each = []
    for radius, rate in zip(r.radius, (r.up, r.down), strict=True):
        own, passed = d.of(radius), np.zeros((len(d.mu), len(distance)))
        passed[d.open(radius)] = np.exp(-rate * distance / own.mu[:, None]) / (own.mu[:, None] * radius)
        each.append(passed)
    up, down = each
    out = np.empty((len(d.mu), 4, len(distance)))
    out[:, :3] = r.axis[:, None] * ((up - down) / 2)[:, None]
    out[:, 3] = (up + down) / 2
    return out
