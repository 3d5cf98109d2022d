"""Orthonormal vector spherical harmonics and the torques that symmetry allows, expanded in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import gammaln, lpmv

from spinstack.text import arrays
from spinstack.text.checks import choice, whole
from spinstack.text.errors import ParameterError
from spinstack.torques.least_squares import rows_of, solve, tangents
from spinstack.torques.symmetry import ISOTROPIC, KINDS, LARGEST_DEGREE, PARTS, Symmetry, Term, allowed_terms

if TYPE_CHECKING:
    import xarray


def vector_harmonic(kind: str, degree: int, order: int, m: Any, frame: float = 0.0) -> np.ndarray:
    """Real tangent harmonics ``grad Y / sqrt(l(l+1))`` (kind gradient) or ``m x grad Y / sqrt(l(l+1))`` (curl).

    ``Y = N P_l^k(cos theta) cos(k phi)`` or sin, without the Condon-Shortley sign (so that l = 1, k = 1 are +x and +y),
    normalised so that the integral of the squared length over the sphere is 1.

    Args:
        kind: "gradient" or "curl".
        degree: l, at least 1.
        order: k, 0 ... l; its sin part vanishes at k = 0.
        m: directions (..., 3).
        frame: in-plane angle [rad] from which phi is counted.

    Returns:
        (..., 2, 3): the cos and the sin part, component.

    Raises:
        ParameterError: unknown kind, degree or order; zero-length m.
    """
    choice(kind, "kind", KINDS)
    l = whole(degree, "degree", low=1)  # noqa: E741
    k = whole(order, "order", low=0, high=l)
    m = arrays.directions(m, "m", (..., 3))
    x = np.clip(m[..., 2], -1, 1)
    phi = np.where(np.hypot(m[..., 0], m[..., 1]) > 0, np.arctan2(m[..., 1], m[..., 0]), 0.0) - frame
    size = np.sqrt((2 * l + 1) / (4 * np.pi) * (2 if k else 1) / (l * (l + 1)))
    size = size * np.exp((gammaln(l - k + 1) - gammaln(l + k + 1)) / 2)
    if k:
        # recurrences that do not divide by sin(theta), so that the poles are regular
        slope = ((l + k) * (l - k + 1) * _legendre(l, k - 1, x) - _legendre(l, k + 1, x)) / 2
        over_sine = (_legendre(l - 1, k + 1, x) + (l + k) * (l + k - 1) * _legendre(l - 1, k - 1, x)) / 2
    else:
        slope, over_sine = -_legendre(l, 1, x), np.zeros_like(x)
    cos, sin = np.cos(k * phi), np.sin(k * phi)
    polar = size * np.stack([slope * cos, slope * sin], -1)
    azimuthal = size * np.stack([-over_sine * sin, over_sine * cos], -1)
    e_polar, e_azimuthal = (v[..., None, :] for v in tangents(m))
    if kind == "gradient":
        return polar[..., None] * e_polar + azimuthal[..., None] * e_azimuthal
    return polar[..., None] * e_azimuthal - azimuthal[..., None] * e_polar


def _legendre(l: int, k: int, x: np.ndarray) -> np.ndarray:  # noqa: E741
    """P_l^k without the Condon-Shortley sign, zero for k > l."""
    return (-1.0) ** k * lpmv(k, l, x)


def all_terms(lmax: int) -> list[Term]:
    """Every tangent harmonic up to `lmax`, whatever the field: what a map at one field can hold."""
    whole(lmax, "lmax", low=1, high=LARGEST_DEGREE)
    out = []
    for kind in KINDS:
        for degree in range(1, lmax + 1):
            for order in range(degree + 1):
                for part in range(2 if order else 1):
                    azimuth = f"{PARTS[part]} {order} phi" if order else "1"
                    out.append(Term(kind, degree, order, f"{kind} l={degree} {azimuth}", np.eye(2)[part]))
    return out


def harmonic_basis(m: Any, E: Any, terms: list[Term], frame: float = 0.0) -> np.ndarray:
    """The fields of `terms` at directions m (..., 3) for fields E (..., 2), as (..., terms, 3)."""
    m, field = arrays.directions(m, "m", (..., 3)), arrays.directions(E, "E", (..., 2))
    c, s = np.cos(frame), np.sin(frame)
    local = np.stack([c * field[..., 0] + s * field[..., 1], -s * field[..., 0] + c * field[..., 1]], -1)
    known: dict[tuple[str, int, int], np.ndarray] = {}
    columns = []
    for term in terms:
        key = term[:3]
        if key not in known:
            known[key] = vector_harmonic(*key, m, frame)
        parts = term.factors if term.factors.ndim == 1 else local @ term.factors.T
        columns.append(np.sum(parts[..., None] * known[key], -2))
    return np.stack(columns, -2)


def fit_harmonics(
    data: xarray.Dataset,
    lmax: int = 4,
    symmetry: Symmetry | None = ISOTROPIC,
    uncertainty: Any = None,
    weights: Any = None,
) -> xarray.Dataset:
    """Least-squares coefficients of the torque in the vector spherical harmonics that the symmetry allows.

    The functions are orthonormal: on a quadrature, with ``weights=data["weight"]``, a coefficient does not depend on
    lmax. In an isotropic film ``lmax = 2 n + 2`` spans exactly the fields of Eq. 6 up to order n.

    Args:
        data: from :func:`torque_map` or :func:`torque_data`. A symmetry with fold 1 tells fields along and across the
            mirror apart, so it needs maps at two fields, joined.
        lmax: highest degree.
        symmetry: of the film; None takes all harmonics for the one field of the data, azimuths counted from x.
        uncertainty, weights: as in :func:`fit_expansion`.

    Returns:
        As :func:`fit_expansion`, with coordinates kind, degree, order along `term`.

    Raises:
        ParameterError: as :func:`fit_expansion`; several fields in the data with symmetry None.
    """
    import xarray

    rows = rows_of(data)
    if symmetry is None:
        terms, frame = all_terms(lmax), 0.0
        if np.ptp(rows.E, axis=0).max() > 1e-12:
            remedy = "Fit one field, or give Symmetry(1, None)."
            raise ParameterError("for several fields", field="symmetry", got=None, remedy=remedy)
    else:
        terms, frame = allowed_terms(lmax, symmetry), symmetry.frame
    labels = [t.name for t in terms]
    variables, attrs = solve(data, harmonic_basis(rows.m, rows.E, terms, frame), labels, uncertainty, weights)
    attrs |= {"basis": "harmonics", "lmax": int(lmax)}
    if symmetry is not None:
        attrs |= {"fold": symmetry.fold, "mirror_deg": np.nan if symmetry.mirror is None else symmetry.mirror}
    return xarray.Dataset(
        variables,
        coords={
            "term": labels,
            "term_2": labels,
            "kind": ("term", [t.kind for t in terms]),
            "degree": ("term", [t.degree for t in terms]),
            "order": ("term", [t.order for t in terms]),
            "component": list("xyz"),
        },
        attrs=attrs,
    )


def symmetry_of(fit: xarray.Dataset) -> Symmetry | None:
    """The symmetry a result of :func:`fit_harmonics` was made with."""
    if "fold" not in fit.attrs:
        return None
    mirror = float(fit.attrs["mirror_deg"])
    return Symmetry(int(fit.attrs["fold"]), None if np.isnan(mirror) else mirror)


def evaluate_harmonics(fit: xarray.Dataset, m: Any, *, E: Any = (1.0, 0.0)) -> np.ndarray:
    """Torque (..., 3) [N/V] of a result of :func:`fit_harmonics` at directions m (..., 3) and field E (..., 2)."""
    symmetry, lmax = symmetry_of(fit), int(fit.attrs["lmax"])
    terms = all_terms(lmax) if symmetry is None else allowed_terms(lmax, symmetry)
    basis = harmonic_basis(m, E, terms, 0.0 if symmetry is None else symmetry.frame)
    return np.einsum("t,...tc->...c", fit["coefficient"].values, basis)


def allowed_space(lmax: int, symmetry: Symmetry, *, E: Any = (1.0, 0.0)) -> np.ndarray:
    """Orthonormal columns (all harmonics, allowed combinations): what a map at the field E (2) can be.

    Rows are the terms of ``fit_harmonics(..., symmetry=None)``.
    """
    everything, terms = all_terms(lmax), allowed_terms(lmax, symmetry)
    where = {(t.kind, t.degree, t.order, int(np.argmax(t.factors))): i for i, t in enumerate(everything)}
    field, turn = arrays.directions(E, "E", (2,)), symmetry.frame
    local = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) @ field
    columns = np.zeros((len(everything), len(terms)))
    for j, term in enumerate(terms):
        cos, sin = term.factors @ local
        c, s = np.cos(term.order * turn), np.sin(term.order * turn)
        # cos k(phi - turn) and sin k(phi - turn) in harmonics counted from x
        for part, value in enumerate((cos * c - sin * s, cos * s + sin * c)):
            if part == 0 or term.order:
                columns[where[term.kind, term.degree, term.order, part], j] = value
    U, S, _ = np.linalg.svd(columns, full_matrices=False)
    return U[:, 1e-9 * S.max(initial=1e-300) < S]


def forbidden(fit: xarray.Dataset, symmetry: Symmetry, *, E: Any = (1.0, 0.0)) -> xarray.DataArray:
    """The part of the coefficients of a fit to all harmonics that the symmetry forbids at the field E.

    Args:
        fit: from :func:`fit_harmonics` with ``symmetry=None``.
        symmetry: the symmetry to test.
        E: the field (2) of the data.

    Returns:
        DataArray over `term` [N/V]; zero to rounding where the torque has the symmetry.
    """
    if fit.attrs.get("basis") != "harmonics" or "fold" in fit.attrs:
        remedy = "Give fit_harmonics(..., symmetry=None)."
        raise ParameterError("which has a symmetry already", where="forbidden", field="fit", remedy=remedy)
    Q = allowed_space(int(fit.attrs["lmax"]), symmetry, E=E)
    c = fit["coefficient"]
    return c.copy(data=c.values - Q @ (Q.T @ c.values))
