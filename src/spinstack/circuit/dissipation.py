"""Layers that would gain energy in the field and direction at hand, where no bound of their numbers alone says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.ferromagnet import Ferromagnet
from spinstack.stack.film import Film
from spinstack.stack.metal import Metal

#: what is rounding
_ROUNDING = 1e-12


def check_splitters(film: Film, B: Any) -> None:
    """Raise where a spin splitter gains energy beside the ordinary Hall effect of a field B (..., 3) [T].

    With h = sigma R_H B the law dissipates if 1 + h_z^2 + h_p h_p^T - (1 + h^2)^2 S^T S is nowhere negative
    (docs/methods/local_law.md, "What a metal dissipates"); with orbital moments S^T S over 1 - chi^2.
    """
    for i, (label, metal) in enumerate(zip(film.labels(), film.elements, strict=True)):
        if not isinstance(metal, Metal) or metal.spin_splitter is None:
            continue
        p = metal.numbers("drift_diffusion")
        sigma, hall, splitter = (p[name] for name in ("conductivity", "hall_coefficient", "spin_splitter"))
        chi = p.get("spin_orbital_polarization", 0.0)
        if any(is_traced(v) for v in (sigma, hall, splitter, chi, B)):
            continue
        if not (np.any(hall) and np.any(B)) and not np.any(chi):
            continue
        try:
            h = np.multiply(sigma, hall)[..., None] * np.asarray(B)
            kept = (1 + h[..., 2, None, None] ** 2) * np.eye(2) + h[..., :2, None] * h[..., None, :2]
            wanted = (1 + (h * h).sum(-1))[..., None, None] ** 2 * (np.swapaxes(splitter, -1, -2) @ splitter)
            wanted = wanted / (1 - np.square(chi))[..., None, None]
            most = np.linalg.eigvals(np.linalg.solve(kept, wanted)).real.max()
        except ValueError:
            continue  # batches that do not fit together are reported for the whole film
        if most > 1 + _ROUNDING:
            raise metal.refused(
                "spin_splitter",
                f"which beside the ordinary Hall effect, sigma R_H B up to {np.abs(h).max():.4g}"
                f"{', and spin_orbital_polarization' if np.any(chi) else ''}, would gain energy",
                where=label,
                path=(i,),
                allowed=f"in this field at most {most**-0.5:.4g} times this tensor",
            )


def check_correlations(film: Film, m_of: Mapping[int, Any], B: Any) -> None:
    """Raise where a ferromagnet gains energy by its orbital moments: spin channels that differ, and chi.

    m_of: directions (..., 3) of elements; B (..., 3) [T]. See docs/methods/orbital.md, "The law".
    """
    for i, (label, layer) in enumerate(zip(film.labels(), film.elements, strict=True)):
        if not isinstance(layer, Ferromagnet) or not layer.orbital:
            continue
        p = layer.numbers("drift_diffusion")
        if any(is_traced(v) for v in (*p.values(), m_of[i], B)) or not np.any(p["spin_orbital_polarization"]):
            continue
        try:
            most = largest_correlation(p, np.asarray(m_of[i]), np.asarray(B))
            bad = np.abs(p["spin_orbital_polarization"]) > most * (1 + _ROUNDING)
        except ValueError:
            continue  # batches that do not fit together are reported for the whole film
        if np.any(bad):
            raise layer.refused(
                "spin_orbital_polarization",
                "beside polarization_parallel or spin_anomalous_hall_angle, which set the spin channels apart: the "
                "layer would gain energy",
                where=label,
                path=(i,),
                allowed=f"in this direction of m at most {float(np.min(most)):.4g}",
            )


def largest_correlation(p: Mapping[str, Any], m: np.ndarray, B: np.ndarray) -> Any:
    """The largest |chi| with which a ferromagnet of these numbers dissipates; 1 where its channels are alike.

    In the plane, without current along z, ``j = A E + b f`` and ``Q = c E + K f`` along m. The symmetric part of this
    is positive together with an orbital force if ``chi^2 <= 1 - s A^-1 s/K``, s = (b + c)/2, A symmetrised.
    """
    P, parallel, hall, spin_hall = (
        np.asarray(p[name])[..., None, None]
        for name in ("polarization", "polarization_parallel", "anomalous_hall_angle", "spin_anomalous_hall_angle")
    )
    if np.all(parallel == P) and np.all(spin_hall == P * hall):
        return 1.0
    amr, size, ordinary = (
        np.asarray(v)[..., None, None]
        for v in (p["amr_ratio"], p["size_effect_ratio"], np.multiply(p["conductivity"], p["hall_coefficient"]))
    )
    out, plane = m[..., None] * m[..., None, :], np.diag([1.0, 1.0, 0.0])
    channels = []
    for sign in (1, -1):
        share = (1 + sign * P) / 2
        own = (1 + amr) * 2 * share / (1 + sign * parallel) - 1
        turning = (hall + sign * spin_hall) / (2 * share) * _cross(m) + ordinary * _cross(B)
        resistivity = np.eye(3) + size * m[..., 2, None, None] ** 2 * plane + own * out + turning
        channels.append(share * np.linalg.inv(resistivity))
    up, down = np.broadcast_arrays(*channels)
    charge, spin = up + down, up - down
    K_c, K_s = charge[..., 2, 2], spin[..., 2, 2]
    K = K_c - K_s**2 / K_c
    ratio = (K_s / K_c)[..., None]
    c = spin[..., 2, :2] - ratio * charge[..., 2, :2]
    b = spin[..., :2, 2] - ratio * charge[..., :2, 2]
    A = charge[..., :2, :2] - charge[..., :2, 2, None] * charge[..., None, 2, :2] / K_c[..., None, None]
    A, s = (A + np.swapaxes(A, -1, -2)) / 2, (b + c) / 2
    taken = (s * np.linalg.solve(A, s[..., None])[..., 0]).sum(-1) / K
    return np.sqrt(1 - taken)


def _cross(v: np.ndarray) -> np.ndarray:
    """The matrix of u -> v x u."""
    return np.cross(v[..., None, :], np.eye(3)).swapaxes(-1, -2)
