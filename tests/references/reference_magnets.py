"""Brute-force reference for the moments on the face of a magnetic insulator; it shares nothing with the package.

One moment is a sum over its 2S+1 levels, in decimals with as many digits as the cancellation needs. The rate of
flips is Fermi's golden rule: a sum over the levels and an integral over the electron's energy, with the bias still
finite. Mean fields are solved by dense scans for changes of sign and bisection, all collinear solutions are found and
the one of lowest free energy is taken; canting iterates the vectors; directions are minima of the energy, searched on
the whole sphere.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from math import log10

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

ELEMENTARY_CHARGE = 1.602176634e-19
HBAR = 1.054571817646156e-34
BOHR_MAGNETON = 9.2740100783e-24
BOLTZMANN = 1.380649e-23


def kelvin(B, g_factor=2.0):
    """Energy of a unit of spin in a field of `B` tesla, in kelvin."""
    return g_factor * BOHR_MAGNETON * B / BOLTZMANN


# one moment ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """Traces over the levels: <M>, <M^2>, the rate of flips A, and <M^2> - A before it is rounded."""

    sigma: float
    square: float
    flips: float
    dephasing_less_flips: float


def levels(spin):
    return [Decimal(twice) / 2 for twice in range(-round(2 * spin), round(2 * spin) + 1, 2)]


def _digits(x):
    return 60 + (3 * round(abs(log10(abs(x)))) if x and abs(x) < 1 else 0)


def _weights(ms, x):
    top = max(x * m for m in ms)
    boltzmann = [(x * m - top).exp() for m in ms]
    total = sum(boltzmann)
    return [w / total for w in boltzmann]


@lru_cache(maxsize=100_000)
def moment(spin, x):
    """The moment of levels -M x k_B T. A = (1/2) sum_M P_M |<M+1|S_+|M>|^2 F, F the electron's share: an electron gives
    the moment D = -x k_B T on the way from M to M+1, and F = int dE f(E) [1 - f(E - D)] / k_B T = D / (e^D - 1)."""
    with localcontext() as context:
        context.prec, context.Emin, context.Emax = _digits(x), -(10**17), 10**17
        ms, x, s = levels(spin), Decimal(x), Decimal(spin)
        p = _weights(ms, x)
        sigma = sum(w * m for w, m in zip(p, ms, strict=True))
        square = sum(w * m * m for w, m in zip(p, ms, strict=True))
        raised = sum(w * (s * (s + 1) - m * (m + 1)) for w, m in zip(p, ms, strict=True))
        # for x < 0 by reversing every level, lest exp overflow
        if x < 0:
            raised = sum(w * (s * (s + 1) - m * (m - 1)) for w, m in zip(p, ms, strict=True))
        y = abs(x)
        flips = raised * (y / (1 - (-y).exp()) if y else Decimal(1)) / 2
        return Moment(float(sigma), float(square), float(flips), float(square - flips))


def fermi(e):
    return 0.5 * (1 - np.tanh(e / 2))


def electron_integral(given):
    """int dE f(E) [1 - f(E - D)] in units of k_B T by quadrature."""
    low, high = min(0.0, given) - 40, max(0.0, given) + 40
    return quad(lambda e: fermi(e) * fermi(given - e), low, high, epsabs=0, epsrel=1e-12, limit=400, points=[0, given])[
        0
    ]


def net_flips(spin, x, bias):
    """Flips of electrons up -> down less those down -> up, per (2 pi / hbar) n nu^2 (J/2)^2 k_B T; the up electrons'
    chemical potential is higher by `bias` k_B T. Golden rule over levels and energies, nothing linearised."""
    ms = [float(m) for m in levels(spin)]
    p = [float(w) for w in _weights(levels(spin), Decimal(x))]
    low, high = -abs(x) - 45, abs(x) + 45

    def rate(e):
        up, down = fermi(e - bias / 2), fermi(e + x + bias / 2)  # an electron that flips M -> M+1 gains x k_B T
        return sum(
            (spin * (spin + 1) - m * (m + 1)) * (p[i] * up * (1 - down) - p[i + 1] * down * (1 - up))
            for i, m in enumerate(ms[:-1])
        )

    return quad(rate, low, high, epsabs=0, epsrel=1e-11, limit=400, points=[-x, 0.0])[0]


def order(spin, x):
    """sigma(x) for arrays, by traces in pairs +M, -M: every term is positive, so nothing cancels at small x."""
    x = np.asarray(x, float)
    y = np.abs(x)
    total, norm = 0.0, 0.0
    for m in map(float, levels(spin)):
        if m > 0:
            large = np.exp(y * (m - spin))
            total = total + m * large * -np.expm1(-2 * m * y)
            norm = norm + large * (1 + np.exp(-2 * m * y))
        elif m == 0:
            norm = norm + np.exp(-y * spin)
    return np.sign(x) * total / norm


def log_partition(spin, x):
    ms = np.array([float(m) for m in levels(spin)])
    return float(np.logaddexp.reduce(ms * x))


# conductances -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Face:
    surface_density: float
    exchange_coupling: float
    density_of_states: float


def conductances(face, spin, x):
    """Gs, Gr, Gi from the rates [m/s]: what each electron loses per moment, times e^2 nu."""
    n, J, nu = face.surface_density, face.exchange_coupling, face.density_of_states
    one = moment(spin, x)
    golden = 2 * np.pi / HBAR * n * nu * J**2
    charge = ELEMENTARY_CHARGE**2 * nu
    precession = n * J * one.sigma / HBAR
    # 1/tau_perp - 1/tau_par = golden (flips/2 + square/2 - flips)
    return charge * golden * one.flips, charge * golden / 2 * one.dephasing_less_flips, charge * precession


# Weiss ferromagnet --------------------------------------------------------------------------------------------------


def exchange_field(spin, curie_temperature):
    return 3 * curie_temperature / (spin * (spin + 1))


def _decimal_order(spin, x):
    ms = levels(spin)
    return sum(w * m for w, m in zip(_weights(ms, x), ms, strict=True))


def _bisect(function, low, high, digits=24):
    """Root between Decimals of opposite sign, to `digits`."""
    sign = function(high) > 0
    while abs(high - low) > abs(high) * Decimal(10) ** -digits:
        middle = (low + high) / 2
        if (function(middle) > 0) == sign:
            high = middle
        else:
            low = middle
    return float((low + high) / 2)


@lru_cache(maxsize=10_000)
def weiss_root(spin, temperature, field, exchange):
    """x of T x = field + exchange sigma(x): the largest positive root; where there is none, minus that of -field."""
    T, h, lam = temperature, field, exchange
    if T == 0:
        raise ValueError("everything is saturated")
    if h < 0 and not lam:
        return h / T
    if h == 0 and lam * spin * (spin + 1) / 3 <= T:
        return 0.0
    top = (h + lam * spin) / T
    if top <= 0:
        return -weiss_root(spin, T, -h, lam)
    grid = 1.01 * top * np.concatenate([np.geomspace(1e-13, 1e-3, 4000), np.linspace(1e-3, 1, 20000)[1:]])
    residual = T * grid - h - lam * order(spin, grid)
    below = np.nonzero(residual < 0)[0]
    with localcontext() as context:
        context.prec = 50
        if not len(below):
            if h >= 0:
                raise ArithmeticError("no root in the scan")
            k = int(np.argmin(residual))
            fine = np.linspace(grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)], 20001)
            residual = T * fine - h - lam * order(spin, fine)
            below, grid = np.nonzero(residual < 0)[0], fine
            if not len(below):
                return -weiss_root(spin, T, -h, lam)
        last = below[-1]
        low = Decimal(float(grid[last]))
        high = Decimal(float(grid[last + 1])) if last + 1 < len(grid) else low * 2
        Td, hd, ld = Decimal(T), Decimal(h), Decimal(lam)
        return _bisect(lambda x: Td * x - hd - ld * _decimal_order(spin, x), low, high)


def weiss(spin, curie_temperature, B, T, g_factor=2.0, share=1.0):
    """x of a moment in the bulk and of one at the face with `share` of the bulk's neighbours; B along m."""
    h, lam = kelvin(B, g_factor), exchange_field(spin, curie_temperature)
    x = weiss_root(spin, float(T), float(h), float(lam))
    return x, (x if share == 1 else (h + share * lam * moment(spin, x).sigma) / T)


# two sublattices ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sublattices:
    """Spins, fractions and mean fields [K] of two sublattices along one axis; `between` > 0 sets them opposite."""

    spins: tuple
    fractions: tuple
    between: float
    intra: tuple

    @classmethod
    def from_ordering_temperature(cls, spins, ratio, temperature, intra):
        fractions = (ratio / (1 + ratio), 1 / (1 + ratio))
        # the linear response of the pair, both written along their own directions
        weight = np.array([[intra[0], 1], [1, intra[1]]]) * np.array(fractions)
        response = np.array([[s * (s + 1) / 3] for s in spins]) * weight
        return cls(spins, fractions, temperature / max(np.linalg.eigvals(response).real), intra)

    def fields(self, h, orders):
        (fa, fb), (ra, rb), (a, b) = self.fractions, self.intra, orders
        return h + self.between * (ra * fa * a - fb * b), h + self.between * (rb * fb * b - fa * a)

    def free_energy(self, h, temperature, orders):
        """Per moment, k_B = 1, of a solution."""
        (fa, fb), (ra, rb), (a, b) = self.fractions, self.intra, orders
        entropy = sum(
            f * temperature * log_partition(s, field / temperature)
            for f, s, field in zip(self.fractions, self.spins, self.fields(h, orders), strict=True)
        )
        return self.between / 2 * (ra * (fa * a) ** 2 + rb * (fb * b) ** 2 - 2 * fa * fb * a * b) - entropy

    def solutions(self, h, temperature, count=40001):
        """All pairs of <M> along the axis of the field h [K]: the first equation gives b where a is given."""
        (sa, sb), (fa, fb), (ra, rb), T = self.spins, self.fractions, self.intra, temperature

        def pair(x):
            a = order(sa, x)
            b = (h + self.between * ra * fa * a - T * x) / (self.between * fb)
            return a, b

        def residual(x):
            a, b = pair(x)
            return order(sb, (h + self.between * (rb * fb * b - fa * a)) / T) - b

        reach = 1.001 * (abs(h) + self.between * (abs(ra) * fa * sa + fb * sb)) / T
        grid = np.concatenate([np.linspace(-reach, reach, count), reach * np.geomspace(1e-9, 1e-3, 3000)])
        grid = np.unique(np.concatenate([grid, -grid]))
        values = residual(grid)
        roots = list(grid[values == 0])
        for k in np.nonzero(values[1:] * values[:-1] < 0)[0]:
            roots.append(brentq(residual, grid[k], grid[k + 1], xtol=1e-300, rtol=1e-14, maxiter=500))
        return [tuple(float(v) for v in pair(x)) for x in roots]

    def equilibrium(self, h, temperature):
        """<M> of both sublattices along the axis, of lowest free energy."""
        return min(self.solutions(h, temperature), key=lambda orders: self.free_energy(h, temperature, orders))


def canted(spin, temperature, exchange, intra, field, neel, sweeps=200_000):
    """Orders (2, 3) of an antiferromagnet by repeating T x = field -+ exchange ..., from moments along +-neel [K]."""
    neel, field = np.asarray(neel, float), np.asarray(field, float)
    s = np.array([neel, -neel]) * spin
    for _ in range(sweeps):
        vectors = (field - exchange * s[::-1] + intra * exchange * s) / temperature
        size = np.linalg.norm(vectors, axis=-1, keepdims=True)
        new = vectors / np.where(size == 0, 1, size) * order(spin, size)
        if np.abs(new - s).max() < 1e-14:
            break
        s = s + 0.1 * (new - s)
    return s


# directions ---------------------------------------------------------------------------------------------------------


def lowest_direction(energy, points=4000, rounds=60):
    """A unit vector of lowest `energy` (arrays (..., 3)): the whole sphere, then ever finer patches around the best."""
    k = np.arange(points)
    z = 1 - 2 * (k + 0.5) / points
    azimuth = np.pi * (1 + np.sqrt(5)) * k
    sphere = np.stack([np.sqrt(1 - z**2) * np.cos(azimuth), np.sqrt(1 - z**2) * np.sin(azimuth), z], -1)
    best = sphere[np.argmin(energy(sphere))]
    width = 4 / np.sqrt(points)
    ticks = np.linspace(-1, 1, 9)
    for _ in range(rounds):
        one = np.cross(best, np.eye(3)[np.argmin(np.abs(best))])
        one /= np.linalg.norm(one)
        two = np.cross(best, one)
        patch = best + width * (ticks[:, None, None] * one + ticks[None, :, None] * two)
        patch = np.concatenate([best[None], patch.reshape(-1, 3)])
        patch /= np.linalg.norm(patch, axis=-1, keepdims=True)
        best = patch[np.argmin(energy(patch))]
        width *= 0.6
    return best


def magnetisation_energy(B, anisotropy_field, axis):
    B, u = np.asarray(B, float), np.asarray(axis, float) / np.linalg.norm(axis)
    return lambda m: -m @ B - 0.5 * anisotropy_field * (m @ u) ** 2


def neel_energy(B, spin_flop_field, axis):
    B, u = np.asarray(B, float), np.asarray(axis, float) / np.linalg.norm(axis)
    return lambda n: (n @ B) ** 2 - spin_flop_field**2 * (n @ u) ** 2
