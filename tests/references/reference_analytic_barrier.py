"""The barrier with its magnetisation along z, where the azimuth of every integral can be done by hand.

Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020), Sec. III C, with the misprints of its Eqs. 33-38 put right
(which they are is said in docs/methods/scattering.md). Rashba coupling only, so that the field is ``u = u_ex z + u_R
z x k`` and its size depends on theta alone. Everything carries the sigma labelling of the Hamiltonian (order x, y,
z, charge) until :func:`to_moment_labels`. Arguments broadcast; matrices stand in the last two axes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinstack.numerics.constants import ELEMENTARY_CHARGE, PLANCK_REDUCED

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_MOMENT_SIGNS = np.array([-1.0, -1.0, -1.0, 1.0])
#: Gauss-Legendre points in c = cos(theta) per panel; panels halve towards grazing incidence, down to 2^-_HALVINGS
_POINTS = 16
_HALVINGS = 40


class Parameters(NamedTuple):
    """The numbers that scattering along the field needs at one theta: Eqs. B20-B22 of the source.

    ``1 - R`` has a_ir, b_ir across the field and c, d along it; ``T`` has a_t, b_t and the same c, d.
    ``a_ir + a_t = 2 c`` in this model.
    """

    a_ir: Floats
    b_ir: Floats
    a_t: Floats
    b_t: Floats
    c: Floats
    d: Floats


class Direction(NamedTuple):
    """Size |u| of the field at one theta, and its parts: f_s = u_R sin(theta)/|u| in the plane, f_c = u_ex/|u| along
    z."""

    size: Floats
    f_s: Floats
    f_c: Floats


def direction(theta: ArrayLike, exchange: ArrayLike, rashba: ArrayLike) -> Direction:
    """Where the field points: Eqs. 34-35 of the source, corrected.

    With ``u_ex = u cos(chi)``, ``u_R = u sin(chi)``: ``f_s = sin(theta) sin(chi)/n``, ``f_c = cos(chi)/n``,
    ``n^2 = cos^2(chi) + sin^2(theta) sin^2(chi)`` and ``|u(theta)| = u n``. The spin-orbit part vanishes at normal
    incidence. Without any field the direction is z (nothing depends on it then).
    """
    in_plane, along = np.broadcast_arrays(np.asarray(rashba) * np.sin(theta), np.asarray(exchange, dtype=float))
    size = np.hypot(in_plane, along)
    some = np.where(size == 0, 1.0, size)
    return Direction(size, in_plane / some, np.where(size == 0, 1.0, along / some))


def parameters(theta: ArrayLike, barrier: ArrayLike, size: ArrayLike) -> Parameters:
    """a, b, c, d at theta [rad] from the amplitudes of a spin along (u0 + size) and against (u0 - size) the field.

    ``t = i c/(i c - u)``, ``r = u/(i c - u)`` (Eq. A18) with c = cos(theta) put ``c, d = (|t_+|^2 +- |t_-|^2)/2``,
    ``a_t + i b_t = t_+^* t_-`` and ``a_ir - 1 + i b_ir = -r_+^* r_-``. `size` is |u| *at this theta*.
    """
    kz = np.cos(theta)
    u0, size = np.asarray(barrier, dtype=float), np.asarray(size, dtype=float)
    high, low = u0 + size, u0 - size
    r_high, r_low = high / (1j * kz - high), low / (1j * kz - low)
    t_high, t_low = 1j * kz / (1j * kz - high), 1j * kz / (1j * kz - low)
    reflected, transmitted = np.conj(r_high) * r_low, np.conj(t_high) * t_low
    up, down = np.abs(t_high) ** 2, np.abs(t_low) ** 2
    return Parameters(
        1 - reflected.real, -reflected.imag, transmitted.real, transmitted.imag, (up + down) / 2, (up - down) / 2
    )


def _potential_matrix(n: Direction, a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    S = np.zeros((*np.broadcast_shapes(a.shape, n.size.shape), 4, 4))
    S[..., 0, 0] = S[..., 1, 1] = 2 * n.f_c**2 * a + n.f_s**2 * (a + c)
    S[..., 0, 1], S[..., 1, 0] = -2 * n.f_c * b, 2 * n.f_c * b
    S[..., 2, 2] = 2 * n.f_c**2 * c + 2 * n.f_s**2 * a
    S[..., 2, 3] = S[..., 3, 2] = 2 * n.f_c * d
    S[..., 3, 3] = 2 * c
    return np.pi * S


def _field_matrix(n: Direction, a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    S = np.zeros((*np.broadcast_shapes(a.shape, n.size.shape), 4, 4))
    S[..., 0, 2], S[..., 2, 0] = n.f_s * b, -n.f_s * b
    S[..., 1, 2] = S[..., 2, 1] = n.f_s * n.f_c * (c - a)
    S[..., 1, 3] = S[..., 3, 1] = n.f_s * d
    return np.pi * S


def potential_matrices(
    theta: ArrayLike, barrier: ArrayLike, exchange: ArrayLike, rashba: ArrayLike
) -> tuple[Floats, Floats]:
    """``(S_ir, S_t)`` (..., 4, 4): the integrals of 1 - R and of T over the azimuth. Eq. 33 of the source, with its
    factor pi.

    theta in radians; sigma labelling. What arrives evenly from all azimuths (a potential) drives these.
    """
    n = direction(theta, exchange, rashba)
    p = parameters(theta, barrier, n.size)
    return _potential_matrix(n, p.a_ir, p.b_ir, p.c, p.d), _potential_matrix(n, p.a_t, p.b_t, p.c, p.d)


def field_matrices(
    theta: ArrayLike, barrier: ArrayLike, exchange: ArrayLike, rashba: ArrayLike
) -> tuple[Floats, Floats]:
    """``(S_ir, S_t)`` (..., 4, 4): the integrals of cos(phi) (1 - R) and cos(phi) T over the azimuth.

    Eq. 38 of the source with its factor pi and the sign of ``z x k``. What an in-plane field along x drives; k_x has
    another sin(theta), which is not in here. Along z x k the spin-orbit field acts like an exchange: filtering (d),
    precession (b, a - c).
    """
    n = direction(theta, exchange, rashba)
    p = parameters(theta, barrier, n.size)
    return _field_matrix(n, p.a_ir, p.b_ir, p.c, p.d), _field_matrix(n, p.a_t, p.b_t, p.c, p.d)


def to_moment_labels(matrix: ArrayLike) -> Floats:
    """A 4x4 of the sigma labelling for magnetic moments: the moment is opposite, so three rows and columns change
    sign."""
    return _MOMENT_SIGNS[:, None] * np.asarray(matrix, dtype=float) * _MOMENT_SIGNS


def polar_rule() -> tuple[Floats, Floats]:
    """Points theta [rad] and weights of dc, c = cos(theta) from 0 to 1: Gauss-Legendre in panels that halve towards
    c = 0.

    The scales on which the matrices vary lie between ||u| - u0| at grazing incidence, however small, and 1.
    """
    x, w = np.polynomial.legendre.leggauss(_POINTS)
    edges = np.append(2.0 ** -np.arange(_HALVINGS + 1.0), 0.0)
    middle, half = (edges[:-1] + edges[1:]) / 2, (edges[:-1] - edges[1:]) / 2
    return np.arccos(middle[:, None] + half[:, None] * x).ravel(), (half[:, None] * w).ravel()


def _flux(matrix: Floats, in_plane: int) -> Floats:
    """Integral of ``c dc sin^n(theta) matrix / pi`` over the polar points in the axis before the matrix; moment
    labels."""
    theta, weight = polar_rule()
    return to_moment_labels(
        np.einsum("q,...qij->...ij", weight * np.cos(theta) * np.sin(theta) ** in_plane, matrix) / np.pi
    )


def _sharvin(fermi_wavevector: ArrayLike) -> Floats:
    return ELEMENTARY_CHARGE**2 * np.asarray(fermi_wavevector, dtype=float) ** 2 / (8 * np.pi**2 * PLANCK_REDUCED)


def _polar(*arguments: ArrayLike) -> list[Floats]:
    """Arguments with a last axis for the polar points, after the points themselves."""
    return [polar_rule()[0], *(np.asarray(a, dtype=float)[..., None] for a in arguments)]


def conductance(barrier: ArrayLike, exchange: ArrayLike, rashba: ArrayLike, fermi_wavevector: ArrayLike) -> Floats:
    """(..., 8, 8) [S/m^2] for m along z: currents at 0- and 0+ per potential at 0- and 0+, moment labels.

    ``j(0-) = G_S <(1 - R) g_L - T g_R>``, ``j(0+) = G_S <T g_L - (1 - R) g_R>`` with ``g = (mu_s, 2 mu_c)``;
    fermi_wavevector in 1/m. No Sharvin correction. Eqs. 29-30 and 33 of the source with the weight ``sin(theta)
    cos(theta)``.
    """
    S_ir, S_t = (_flux(S, 0) for S in potential_matrices(*_polar(barrier, exchange, rashba)))
    G = _sharvin(fermi_wavevector)[..., None, None] * np.block([[S_ir, -S_t], [S_t, -S_ir]])
    return G * np.array([1.0, 1.0, 1.0, 2.0] * 2)


def conductivity(
    barrier: ArrayLike,
    exchange: ArrayLike,
    rashba: ArrayLike,
    fermi_wavevector: ArrayLike,
    mean_free_path: tuple[float, float],
    polarization: tuple[float, float] = (0.0, 0.0),
) -> Floats:
    """(..., 8, 2) [S/m] for m along z: currents at 0- and 0+ per in-plane field along x and y, moment labels.

    mean_free_path [m] and polarization of the layers below and above: their spins have ``lambda (1 +- P)``. No
    Sharvin correction. Eq. 38 of the source with the weight ``sin^2(theta) cos(theta)``; a field along y is the same
    turned by 90 degrees about z.
    """
    S_ir, S_t = (_flux(S, 1) for S in field_matrices(*_polar(barrier, exchange, rashba)))
    lower, upper = (
        np.array([0.0, 0.0, 2 * l * P, 2 * l])
        for l, P in zip(mean_free_path, polarization, strict=True)  # noqa: E741
    )
    per_x = np.concatenate([S_ir @ lower - S_t @ upper, S_t @ lower - S_ir @ upper], axis=-1)
    per_y = per_x[..., [1, 0, 2, 3, 5, 4, 6, 7]] * np.array([-1.0, 1.0, 1.0, 1.0] * 2)
    # spin along z and charge do not turn: an isotropic interface has none of either per in-plane field
    return _sharvin(fermi_wavevector)[..., None, None] * np.stack([per_x, per_y], axis=-1)


def transmission(strength: ArrayLike) -> Floats:
    """Flux-averaged transmission ``<T> = 1 - u^2 ln(1 + 1/u^2)`` of a spin that meets a barrier of this strength u."""
    square = np.asarray(strength, dtype=float) ** 2
    some = np.where(square == 0, 1.0, square)
    # large barriers: the leading 1 cancels, 1 - x ln(1 + 1/x) -> 1/(2 x) - 1/(3 x^2) + ...
    x = 1 / some
    series = x * (1 / 2 - x * (1 / 3 - x * (1 / 4 - x * (1 / 5 - x * (1 / 6 - x * (1 / 7 - x / 8))))))
    return np.where(square == 0, 1.0, np.where(some > 1e2, series, 1 - some * np.log1p(x)))


def _times_log(v: Floats) -> Complexes:
    """f(v) = v Log(1 + i/v), 0 at v = 0."""
    some = np.where(v == 0, 1.0, v)
    return np.where(v == 0, 0.0, v * np.log(1 + 1j / some))


def _slopes(v: Floats, h: Floats) -> tuple[Complexes, Complexes]:
    """``[f(v) - f(h)]/(v - h)`` and ``[v^2 f(v) - h^2 f(h)]/(v - h)``, by the mean of the derivative where v and h
    are close."""
    close = np.abs(v - h) < 0.1 * np.abs(v)
    gap = np.where(close | (v == h), 1.0, v - h)
    f_v, f_h = _times_log(v), _times_log(h)
    far = (f_v - f_h) / gap, (v**2 * f_v - h**2 * f_h) / gap
    x, weight = np.polynomial.legendre.leggauss(12)
    between = np.where(close, v, 1.0)[..., None] + np.where(close, h - v, 0.0)[..., None] * (x + 1) / 2
    f = between * np.log(1 + 1j / between)
    derivative = f / between - 1j / (between + 1j)
    near = derivative @ weight / 2, (2 * between * f + between**2 * derivative) @ weight / 2
    return np.where(close, near[0], far[0]), np.where(close, near[1], far[1])


def mixing_conductances(barrier: ArrayLike, exchange: ArrayLike) -> tuple[Complexes, Complexes]:
    """Spin mixing conductance and transmitted mixing conductance without spin-orbit coupling, both over the Sharvin
    conductance.

    ``G_mix/G_S = 1 - <r_+ r_-^*>`` and ``G_t/G_S = <t_+ t_-^*>``, so that the transverse spin current is ``Re(G) mu
    + Im(G) mu x m``. With ``v = u0 + u_ex``, ``w = u0 - u_ex``, ``f(v) = v Log(1 + i/v)``, the averages (integrals
    over ``2 c dc``) are

        <r_+^* r_-> = 2 v w [f(v) - f(-w)] / (v + w)
        <t_+^* t_-> = 1 + 2 i (v - w) - 2 [v^2 f(v) - w^2 f(-w)] / (v + w)

    from ``r_+^* r_- = v w/[(c - i v)(c + i w)]`` and ``t_+^* t_- = c^2/[(c - i v)(c + i w)]`` by partial fractions.
    Strengths of 10 and more cost G_t about as many digits as its size falls below 1.
    """
    u0, u_ex = np.broadcast_arrays(np.asarray(barrier, dtype=float), np.asarray(exchange, dtype=float))
    v, w = u0 + u_ex, u0 - u_ex
    plain, squared = _slopes(v, -w)
    return 1 - 2 * v * w * np.conj(plain), np.conj(1 + 2j * (v - w) - 2 * squared)
