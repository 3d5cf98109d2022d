"""Gilbert damping that spin pumping adds to the magnets of a film."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from spinstack.magnets.macrospin import Macrospin
from spinstack.magnets.model import several, thickness_of
from spinstack.numerics.constants import BOHR_MAGNETON, PLANCK_REDUCED
from spinstack.observables.finite import ABSENT
from spinstack.observables.pumping import PER_RATE, damping_conductance
from spinstack.observables.torques import PER_SPIN_CURRENT
from spinstack.stack import Film, ParameterError
from spinstack.stack.film import magnet_labels
from spinstack.text.errors import Problems, near_names
from spinstack.text.units import In

if TYPE_CHECKING:
    import xarray


def damping(
    film: Film,
    magnets: Macrospin | Sequence[Macrospin] | None = None,
    *,
    m: Any = None,
    B: Annotated[Any, In("T")] = (0.0, 0.0, 0.0),
    T: Annotated[Any, In("K")] = None,
) -> xarray.Dataset:
    """Damping that spin pumping adds to the magnets of a film, without a unit where their moments are given.

    ``dm_i/dt = ... + sum_j Delta alpha_ij m_j x dm_j/dt`` with ``Delta alpha_ij = g mu_B hbar L_ij/(2 e^2 M_s t)`` of
    the conductances L of :func:`damping_conductance`. It comes on top of the damping of the magnet by itself, which a
    thick magnet shows; of that is also `bulk_conductance`.

    Args:
        film: the film, possibly batched.
        magnets: moments of magnets of the film; of the others only conductances are told.
        m, B, T: as in :func:`damping_conductance`.

    Returns:
        Dataset of :func:`damping_conductance` with, where `magnets` are given, over those (dimension `moment`):
        `enhancement` (..., moment, component, of_magnet, of_component), Delta alpha [1]; `mean_enhancement`
        (..., moment), its mean over the two directions across m for the magnet's own motion; `damping` (moment), what
        the magnet was given, NaN where it was not; `total_damping` (..., moment), the sum of the two.

    Raises:
        ParameterError: as :func:`damping_conductance`; a magnet that the film has not, or twice, an insulator whose
            thickness is not known.
    """
    moments = () if magnets is None else several(magnets, Macrospin, "magnets", least=1)
    thicknesses = _thicknesses(Film.of(film), moments)
    found = damping_conductance(film, m=m, B=B, T=T)
    if not moments:
        return found
    L = found["damping_conductance"].sel(magnet=[one.name for one in moments])
    sheets = [one.magnetization * np.asarray(t) for one, t in zip(moments, thicknesses, strict=True)]
    gamma = [one.g_factor * BOHR_MAGNETON / PLANCK_REDUCED for one in moments]
    factor = (
        -PER_SPIN_CURRENT
        * PER_RATE
        * np.stack([np.broadcast_to(g / sheet, L.shape[:-4]) for g, sheet in zip(gamma, sheets, strict=True)], -1)
    )
    return _with_moments(found, moments, factor)


def _with_moments(found: Any, moments: Sequence[Macrospin], factor: np.ndarray) -> Any:
    """The conductances of some magnets as damping of their moments by a factor (..., moments), beside them."""
    import xarray

    names = [one.name for one in moments]
    L, own = (
        found[name].sel(magnet=names).drop_vars("magnet").rename(magnet="moment")
        for name in ("damping_conductance", "effective_mixing_conductance")
    )
    factors = xarray.DataArray(factor, dims=own.dims)
    enhancement, mean = (factors * L).transpose(*L.dims), factors * own
    given = np.array([np.nan if one.damping is None else one.damping for one in moments])
    words = {
        "enhancement": (enhancement, "damping by spin pumping"),
        "mean_enhancement": (mean, "mean damping by spin pumping across m"),
        "damping": (xarray.DataArray(given, dims="moment"), "damping of the magnet by itself"),
        "total_damping": (mean + given, "damping by itself and by spin pumping"),
    }
    absent = {ABSENT: "of a magnet whose damping was not given"}
    more = {
        name: value.assign_attrs({"units": "1", "long_name": text} | (absent if "damping" in name else {}))
        for name, (value, text) in words.items()
    }
    return found.assign(more).assign_coords(moment=names)


def _thicknesses(film: Film, moments: Sequence[Macrospin]) -> list[Any]:
    """The thickness of each moment; everything that is wrong with one of them is raised together."""
    labels, problems, out = magnet_labels(film), Problems(), []
    elements = dict(zip(labels, (e for e in film.elements if e.magnetic), strict=True))
    for k, one in enumerate(moments):
        with problems:
            if one.name not in labels:
                allowed, remedy = ", ".join(labels) or "none, the film has no magnet", near_names(one.name, labels)
                raise ParameterError("which is no magnet of the film", field="magnets", got=one.name, allowed=allowed,
                                     remedy=remedy.strip())  # fmt: skip
            if one.name in [other.name for other in moments[:k]]:
                raise ParameterError("twice", field="magnets", got=one.name)
            out.append(thickness_of(one, elements[one.name]))
    problems.end()
    return out
