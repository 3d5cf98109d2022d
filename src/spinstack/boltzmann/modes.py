"""Eigenmodes of the azimuthal average in one layer, and the layer matrix they make (docs/methods/boltzmann.md).

One `Sector` is a set of channels that scatter into each other: spin up and down along the axis (real), or the complex
amplitude of transverse spin. Amplitudes are flux-normalised, multiplied with sqrt(weight mu): matrices
are then symmetric.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from spinstack.boltzmann.quadrature import Directions


class Sector(NamedTuple):
    """Modes s(z) = G Y cosh or sinh(nu z), n = channels times N; rates in 1/m, real or complex.

    rate (n,) of out-scattering A; mu, weight (n,); Y (n, n) and its inverse; nu2 (n,) [1/m^2]; conserved (n, c) the
    orthonormal modes with nu = 0 that are known; starts: where each channel begins.
    """

    rate: np.ndarray
    mu: np.ndarray
    weight: np.ndarray
    Y: np.ndarray
    Y_inverse: np.ndarray
    nu2: np.ndarray
    conserved: np.ndarray
    starts: tuple[int, ...] = (0,)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.starts)


class Response(NamedTuple):
    """Layer matrix of a sector, flux-normalised: r (n, n) to the same face, t (n, n) to the other."""

    r: np.ndarray
    t: np.ndarray


def real_sector(
    rates: np.ndarray, into: np.ndarray, d: Directions | Sequence[Directions], conserved: list[np.ndarray]
) -> Sector:
    """Modes of channels with out-scattering `rates` (c,) and in-scattering `into` (c, c), symmetric [1/m].

    d: of all channels, or of each. The pencil (A - B) x = nu^2 (mu^2/A) x, shifted to (mu^2/A) x = tau (A - B + mu^2/A)
    x, is a singular value decomposition: fast modes (tau -> 0) keep their digits. `conserved`: combinations of channels
    nothing relaxes.
    """
    unit = float(np.mean(rates))
    each = [d] * len(rates) if isinstance(d, Directions) else list(d)
    sizes = [len(one.mu) for one in each]
    channel = np.repeat(np.arange(len(rates)), sizes)
    A, mu, weight = (
        (rates / unit)[channel],
        np.concatenate([one.mu for one in each]),
        np.concatenate([one.weight for one in each]),
    )
    root = np.sqrt(weight)
    scattered = (into / unit)[channel][:, channel] * root[:, None] * root
    second = mu**2 / A
    L = np.linalg.cholesky(np.diag(A + second) - scattered)
    Y, sv, _ = np.linalg.svd(np.sqrt(second)[:, None] * np.linalg.inv(L).T)
    nu2 = np.maximum((1 - sv) * (1 + sv), 0) / sv**2 * unit**2
    zero = [v[channel] * mu * root / np.sqrt(A) for v in conserved]
    basis = np.stack([v / np.linalg.norm(v) for v in zero], 1) if zero else np.zeros((len(A), 0))
    nu2[: len(zero)] = 0.0
    return Sector(A * unit, mu, weight, Y, Y.T, nu2, basis, tuple(np.cumsum([0, *sizes[:-1]]).tolist()))


def complex_sector(rate: complex, into: float, d: Directions) -> Sector:
    """Modes of transverse spin: out-scattering `rate` = a - i kappa, in-scattering `into` [1/m]."""
    root = np.sqrt(d.weight)
    c = into / rate
    shifted = np.diag(1 + d.mu**2) - c * root[:, None] * root
    C = d.mu[:, None] * np.linalg.inv(shifted) * d.mu
    # graded from large to small, and the fast modes at grazing incidence keep their digits
    tau, Y = np.linalg.eig(((C + C.T) / 2)[::-1, ::-1])
    Y = Y[::-1]
    nu2 = (1 / tau - 1) * rate**2
    n = len(d.mu)
    return Sector(np.full(n, rate), d.mu, d.weight, Y, np.linalg.inv(Y), nu2, np.zeros((n, 0)))


def resolved_sectors(
    up: np.ndarray, down: np.ndarray, flip: float, lost: complex, d: Directions
) -> tuple[Sector, Sector]:
    """Modes of spin up and down, and of transverse spin, of rates (n,) that depend on the direction.

    An electron that collides leaves into a direction as often as electrons there collide: in-scattering g g'/<g>, which
    is symmetric and keeps charge. lost: dephasing minus i kappa of transverse spin [1/m].
    """
    n, unit, root = len(d.mu), float(up.mean() + down.mean()) / 2, np.sqrt(d.weight)
    kept = [(a - flip) / unit for a in (up, down)]
    f = flip / unit * np.outer(root, root)
    into = [np.outer(root * g, root * g) / (d.weight @ g) for g in kept]
    A, mu, weight = np.concatenate([up, down]) / unit, np.tile(d.mu, 2), np.tile(d.weight, 2)
    second = mu**2 / A
    L = np.linalg.cholesky(np.diag(A + second) - np.block([[into[0], f], [f, into[1]]]))
    Y, sv, _ = np.linalg.svd(np.sqrt(second)[:, None] * np.linalg.inv(L).T)
    nu2 = np.maximum((1 - sv) * (1 + sv), 0) / sv**2 * unit**2
    channel = np.repeat([0, 1], n)
    conserved = [np.ones(2)] if flip else [np.array([1.0, 0.0]), np.array([0.0, 1.0])]
    zero = [v[channel] * mu * np.sqrt(weight) / np.sqrt(A) for v in conserved]
    nu2[: len(zero)] = 0.0
    pair = Sector(A * unit, mu, weight, Y, Y.T, nu2, np.stack([v / np.linalg.norm(v) for v in zero], 1), (0, n))
    t = (kept[0] + kept[1]) / 2
    B = np.outer(root * t, root * t) / (d.weight @ t) - f
    a = t + (flip + lost) / unit
    second = d.mu**2 / a
    half = np.sqrt(second)
    C = half[:, None] * np.linalg.inv(np.diag(a + second) - B) * half
    tau, Y = np.linalg.eig((C + C.T) / 2)
    nu2 = (1 / tau - 1) * unit**2
    turned = Sector(a * unit, d.mu, d.weight, Y, np.linalg.inv(Y), nu2, np.zeros((n, 0)))
    return pair, turned


def _tanh(sector: Sector, thickness: float) -> tuple[np.ndarray, np.ndarray]:
    """nu tanh(nu t/2) and tanh(nu t/2)/nu, both even and smooth in nu."""
    nu = np.sqrt(sector.nu2)
    x = nu * thickness / 2
    small = np.abs(x) < 1e-5
    tanh = np.tanh(x)
    over = np.where(small, thickness / 2 * (1 - x * x / 3), tanh / np.where(small, 1.0, nu))
    return nu * tanh, over


class Faces(NamedTuple):
    """What even and odd solutions look like at the faces: 1 + even, 1 + odd (n, n) of the Cayley transforms."""

    even: np.ndarray
    odd: np.ndarray
    scale: np.ndarray  # sqrt(mu/A)


def faces(sector: Sector, thickness: float) -> Faces:
    """Theta~ = M^(1/2) Y nu tanh Y^-1 M^(1/2) and Xi~ = M^(-1/2) Y (tanh/nu) Y^-1 M^(-1/2), M = mu/A."""
    theta, xi = _tanh(sector, thickness)
    scale = np.sqrt(sector.mu / sector.rate)
    even = (sector.Y * theta) @ sector.Y_inverse
    for v in sector.conserved.T:
        even = even - np.outer(v, v @ even)
        even = even - np.outer(even @ v, v)
    odd = (sector.Y * xi) @ sector.Y_inverse
    even, odd = scale[:, None] * even * scale, odd / scale[:, None] / scale
    return Faces((even + even.T) / 2, (odd + odd.T) / 2, scale)


def response(sector: Sector, thickness: float) -> Response:
    """The layer matrix: outgoing = r incoming at the same face + t incoming at the other."""
    f = faces(sector, thickness)
    one = np.eye(len(f.scale))
    even, odd = np.linalg.solve(np.stack([one + f.even, one + f.odd]), np.stack([one - f.even, f.odd - one]))
    r, t = (even + odd) / 2, (even - odd) / 2
    return Response((r + r.T) / 2, (t + t.T) / 2)


def inside(
    sector: Sector, thickness: float, lower: np.ndarray, upper: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """<u>(z) and <k_z u>(z), (channels, z, columns), from what comes in at both faces (n, columns), flux-normalised."""
    f = faces(sector, thickness)
    one = np.eye(len(f.scale))
    nu = np.sqrt(sector.nu2)[:, None]
    scale = f.scale[:, None]
    even = 2 * sector.Y_inverse @ (scale * np.linalg.solve(one + f.even, (lower + upper) / 2))
    odd = 2 * sector.Y_inverse @ (np.linalg.solve(one + f.odd, (upper - lower) / 2) / scale)
    x, half = z - thickness / 2, thickness / 2
    up, down, both = np.exp(-nu * (half - x)), np.exp(-nu * (half + x)), 1 + np.exp(-2 * nu * half)
    cosh, sinh = (up + down) / both, (up - down) / both
    small = np.abs(nu * half) < 1e-5
    over = np.where(small, x, sinh / np.where(small, 1.0, nu))
    s = cosh[:, :, None] * even[:, None] + over[:, :, None] * odd[:, None]
    slope = (nu * sinh)[:, :, None] * even[:, None] + cosh[:, :, None] * odd[:, None]
    root, A = np.sqrt(sector.weight), sector.rate
    density, flux = (
        np.add.reduceat((root * of)[:, None] * sector.Y, sector.starts, axis=0)
        for of in (np.sqrt(A) / sector.mu, sector.mu / np.sqrt(A))
    )
    return np.einsum("cj,jzk->czk", density, s) / 2, -np.einsum("cj,jzk->czk", flux, slope) / 2
