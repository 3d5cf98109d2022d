"""The two-dimensional electron gas of a magnet with Rashba coupling, as a labelled result in SI units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.numerics.constants import ELECTRON_MASS, ELEMENTARY_CHARGE, PLANCK_REDUCED
from spinstack.rashba.contours import AtEdge, Gas, contours, mirror_axis
from spinstack.rashba.transport import NotResolved, Response, response
from spinstack.stack.directions import single_direction
from spinstack.text.checks import number
from spinstack.text.errors import ParameterError, Problems

if TYPE_CHECKING:
    import xarray

#: points of the bands that are told
_BAND_POINTS = 201
_BANDS = {-1: "lower", 1: "upper"}
#: unit vectors along which bands are told
_LINES = {"x": np.array([1.0, 0.0]), "y": np.array([0.0, 1.0])}


def rashba_2d(
    rashba: float,
    exchange: float,
    fermi_energy: float,
    lifetime: float,
    m: Any = "z",
    effective_mass: float = ELECTRON_MASS,
) -> xarray.Dataset:
    """What an in-plane field does to a two-dimensional Rashba gas with exchange: spin density, current and torque.

    ``H = hbar^2 k^2/2m + alpha sigma.(k x z) + Delta m.sigma`` with weak spin-independent delta disorder, by
    Boltzmann's equation with its in-scattering, solved exactly. sigma is the electron's spin, opposite to its moment:
    a positive `exchange` makes the majority the electrons with moments along m, and a positive `rashba` makes moments
    along z x E. Where both bands are at the Fermi energy, spin density and conductivity depend on neither m nor
    exchange, ``s = 2 N0 e tau alpha/hbar z x E``, ``sigma = n e^2 tau/m``: no damping-like torque and no anisotropic
    magnetoresistance, exactly. With one band there both depend on m.

    Leading order in the lifetime: valid for Fermi energy and splitting of the bands well above hbar/lifetime (the
    attributes `fermi_energy_over_broadening`, `splitting_over_broadening` tell). Without skew scattering and without
    the parts that no lifetime enters, which come from coherence of the two bands.

    Args:
        rashba: alpha [J m]; 1 eV angstrom is 1.602e-29 J m. Of either sign; against the sign of `rashba` of
            :class:`spinstack.DeltaBarrier`, which stands before z x k.
        exchange: Delta [J], half the splitting of the bands at k = 0.
        fermi_energy: from the middle of the bands at k = 0 [J]; negative below it.
        lifetime: tau [s] of the gas without spin-orbit coupling and exchange, which stands for the disorder: a
            scattering rate ``1/tau = (2 pi/hbar) n_i V^2 N0``, ``N0 = m/2 pi hbar^2``.
        m: direction of the magnetisation, three numbers or an axis.
        effective_mass: of the electrons [kg].

    Returns:
        Dataset. Per field E along `field` (x, y): spin_density (component) [1/(V m)], moments of one Bohr magneton
        (g = 2) per area, positive along the moment; conductivity (current) [S]; torque (component) [N/V] on the
        magnetisation per area, and its parts damping_like and field_like [N/V] along m x (p x m) and p x m,
        ``p = z x E/|E|`` (NaN for m along p, where both vanish). carrier_density [1/m^2] and density_of_states
        [1/(J m^2)] of both bands. energy [J] over (band, line, wavevector [1/m]) with k along x or y. For every closed
        contour at the Fermi energy, coordinate `contour` (its band, and whether it goes around a hole):
        contour_wavevector (point, axis) [1/m], contour_moment (point, component), the direction of the moment, and
        contour_energy (point, field) [J m/V], by how much the edge of the occupied states is raised.

    Raises:
        ParameterError: what is no number or out of range, a Fermi energy below both bands, at the edge of one or where
            they meet.

    Source: Amin, Haney, Stiles, J. Appl. Phys. 128, 151101 (2020), Eq. 2 and Fig. 5; derivation and tests against
    Kubo's formula in docs/methods/rashba_2d.md. That both bands give no damping-like torque agrees with Ado,
    Tretiakov, Titov, arXiv:1603.07994.
    """
    import xarray as xr

    problems, given = Problems(), {}
    for name, value, low in (
        ("rashba", rashba, None),
        ("exchange", exchange, None),
        ("fermi_energy", fermi_energy, None),
        ("lifetime", lifetime, 0.0),
        ("effective_mass", effective_mass, 0.0),
    ):
        with problems:
            unit = {"rashba": "J m", "lifetime": "s", "effective_mass": "kg"}.get(name, "J")
            given[name] = number(value, name, low=low, open_low=low is not None, unit=unit, where="rashba_2d")
    direction = np.array([0.0, 0.0, 1.0])
    with problems:
        direction = np.asarray(single_direction(m, "m"))
    problems.end()
    tau, mass = given["lifetime"], given["effective_mass"]
    energy, wavevector = _scales(*(given[name] for name in ("rashba", "exchange", "fermi_energy", "effective_mass")))
    a = given["rashba"] * wavevector / energy
    gas = Gas(a, given["exchange"] / energy, direction, given["fermi_energy"] / energy)
    found = _solved(gas, given["fermi_energy"], energy)
    spin = tau * wavevector / PLANCK_REDUCED * ELEMENTARY_CHARGE * found.spin
    torque = given["exchange"] * np.cross(direction, spin, axisb=0, axisc=0)
    damping, field = _parts(torque, direction)
    k = np.linspace(-1, 1, _BAND_POINTS) * 1.4 * max(np.abs(p.k).max() for _, p, _ in found.contours)
    bands = np.stack([gas.energies(k[:, None] * line) for line in _LINES.values()], 1)
    splitting = 2 * min(np.linalg.norm(gas.field(p.k), axis=-1).min() for _, p, _ in found.contours)
    broadening = PLANCK_REDUCED / tau

    def labelled(dims: str, values: Any, units: str, words: str, **more: Any) -> tuple[Any, ...]:
        return dims.split(), values, {"units": units, "long_name": words, **more}

    absent = {"absent": "m along z x E"}
    return xr.Dataset(
        {
            "spin_density": labelled("component field", spin, "1/(V m)", "spin density per field"),
            "conductivity": labelled(
                "current field",
                ELEMENTARY_CHARGE**2 * tau * energy / PLANCK_REDUCED**2 * found.current,
                "S",
                "conductivity",
            ),
            "torque": labelled("component field", torque, "N/V", "torque per area and field"),
            "damping_like": labelled("field", damping, "N/V", "damping-like torque per area and field", **absent),
            "field_like": labelled("field", field, "N/V", "field-like torque per area and field", **absent),
            "carrier_density": labelled("", found.density * wavevector**2, "1/m^2", "carrier density"),
            "density_of_states": labelled("", found.states * wavevector**2 / energy, "1/(J m^2)", "density of states"),
            "energy": labelled("band line wavevector", bands * energy, "J", "energy"),
            "contour_wavevector": labelled(
                "contour point axis", [p.k * wavevector for _, p, _ in found.contours], "1/m", "wave vector"
            ),
            "contour_moment": labelled(
                "contour point component", [-p.spin for _, p, _ in found.contours], "1", "direction of the moment"
            ),
            "contour_energy": labelled(
                "contour point field",
                [-ELEMENTARY_CHARGE * tau * energy / (PLANCK_REDUCED * wavevector) * h for *_, h in found.contours],
                "J m/V",
                "energy by which the edge of the occupied states is raised, per field",
            ),
        },
        {
            "component": list("xyz"),
            "field": list("xy"),
            "current": list("xy"),
            "axis": list("xy"),
            "band": list(_BANDS.values()),
            "line": list(_LINES),
            "wavevector": labelled("wavevector", k * wavevector, "1/m", "wave vector"),
            "contour": [_BANDS[band] + (", around a hole" if p.area < 0 else "") for band, p, _ in found.contours],
        },
        {
            "rashba_J_m": given["rashba"],
            "exchange_J": given["exchange"],
            "fermi_energy_J": given["fermi_energy"],
            "lifetime_s": tau,
            "effective_mass_kg": mass,
            "m": direction.tolist(),
            "bands_at_fermi_energy": len({band for band, *_ in found.contours}),
            "fermi_energy_over_broadening": (gas.energy - _bottom(gas)) * energy / broadening,
            "splitting_over_broadening": splitting * energy / broadening,
        },
    )


def _scales(rashba: float, exchange: float, fermi_energy: float, effective_mass: float) -> tuple[float, float]:
    """Units of energy [J] and of k [1/m], in which H is k^2 + ..."""
    if rashba == 0 and exchange == 0:
        why = "beside no exchange: the two bands are one"
        raise ParameterError(why, where="rashba_2d", field="rashba", unit="J m", got=rashba, remedy="Give one of them.")
    energy = max(abs(fermi_energy), abs(exchange), effective_mass * (rashba / PLANCK_REDUCED) ** 2)
    return energy, np.sqrt(2 * effective_mass * energy) / PLANCK_REDUCED


def _solved(gas: Gas, fermi_energy: float, energy: float) -> Response:
    """The response, or a complaint about the Fermi energy."""
    try:
        found = contours(gas)
        if not found:
            raise _refused(
                fermi_energy,
                "which is below both bands",
                f"above {_bottom(gas) * energy:.4g}, the edge of the lower one",
            )
        return response(gas, found)
    except AtEdge:
        raise _refused(
            fermi_energy, "where a band begins or ends or both bands meet", "one that is further away"
        ) from None
    except NotResolved:
        why = "where the bands almost meet, or the Rashba coupling is too weak beside the exchange"
        raise _refused(fermi_energy, why, "a larger distance, or no coupling at all") from None


def _refused(fermi_energy: float, why: str, allowed: str) -> ParameterError:
    return ParameterError(why, where="rashba_2d", field="fermi_energy", unit="J", got=fermi_energy, allowed=allowed)


def _bottom(gas: Gas) -> float:
    """The lowest energy of the lower band."""
    axis, best, step = mirror_axis(gas.m), 0.0, 1 + abs(gas.rashba)
    for _ in range(12):
        x = best + step * np.linspace(-1, 1, 401)
        low = gas.energies(x[:, None] * axis)[0]
        best, step = float(x[low.argmin()]), step / 100
    return float(low.min())


def _parts(torque: np.ndarray, m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Components (2) of the torque (3, 2) along m x (p x m) and p x m, over their squared length."""
    p = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])  # z x E/|E|
    across = np.cross(p, m)
    square = (across * across).sum(-1)
    square = np.where(square < 1e-24, np.nan, square)
    return (np.cross(m, across) * torque.T).sum(-1) / square, (across * torque.T).sum(-1) / square
