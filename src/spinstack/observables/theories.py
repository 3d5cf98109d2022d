"""Two theories of the same films: where they differ and by how much, and what one tells the other of an interface."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spinstack.observables.provenance import attributes
from spinstack.observables.registry import COORDINATES
from spinstack.observables.sheet import sheet_conductance
from spinstack.observables.solvers import Solver, chosen
from spinstack.observables.sweeps import sweep
from spinstack.stack import Film, Interface, ParameterError

if TYPE_CHECKING:
    import xarray

#: what of the coefficients of an interface its boundary condition contains
_SEEN = (
    "conductance_up", "conductance_down", "area_resistance", "mixing_conductance", "transmitted_mixing_conductance",
    "mixing_anisotropy", "spin_memory_loss_parallel", "spin_memory_loss", "filtering_lower", "filtering_upper",
    "precession_lower", "precession_upper", "generated_remainder",
)  # fmt: skip


class EffectiveInterface(NamedTuple):
    """An interface as diffusion sees it.

    Attributes:
        interface: the coefficients that drift-diffusion takes.
        coefficients: all of them by name, as :meth:`spinstack.DeltaBarrier.coefficients` gives them, and
            `mixing_conductance_upper`.
        conductance: (8, 8) [S/m^2], of the whole boundary condition, as in :class:`spinstack.scattering.Tensors`.
        conductivity: (8, 2) [S/m], likewise.
        error: estimated relative error of both.
    """

    interface: Interface
    coefficients: dict[str, Any]
    conductance: np.ndarray
    conductivity: np.ndarray
    error: float


def compare_theories(
    film: Film,
    over: Mapping[str, Any],
    observable: Callable[..., Any] | None = None,
    solvers: Sequence[Solver] | None = None,
) -> xarray.Dataset:
    """An observable by two theories over films, and how far the first is from the second.

    Each theory reads its own parameters of the same film: give conductivity, polarization and the diffusive lengths
    and leave the Boltzmann lengths out (they follow), or the two describe different layers. An interface with a
    scattering model should have ``sharvin=True``, the way a diffusion equation counts its potentials.

    Args:
        film: the film; it must be one that both theories describe.
        over: parameter path -> values (1-d, SI), as in :func:`sweep`.
        observable: takes a film and ``solver=``, for example ``functools.partial(spinstack.magnetoresistance,
            plane="beta")``. Default: sheet conductance with all magnets along y.
        solvers: two theories, the second the one to trust; default DriftDiffusion() and Boltzmann().

    Returns:
        Dataset over the paths: each variable of the observable over `theory` (names of the two), and with the ending
        ``_difference`` the first minus the second, relative to the second; of a vector or tensor relative to its
        largest component. Where the second is zero it is NaN.

    Raises:
        ParameterError: as :func:`sweep`; solvers that are not two; a film that one of the theories refuses.
    """
    import xarray

    film, pair = Film.of(film), _two(solvers)
    if observable is None:
        observable = partial(sheet_conductance, m=(0.0, 1.0, 0.0))
    if not callable(observable) or not _takes_solver(observable):
        raise ParameterError(
            field="observable",
            got=observable,
            allowed="a function of a film that takes solver=, for example "
            "functools.partial(spinstack.magnetoresistance, plane='beta')",
        )
    results = [sweep(film, over, partial(observable, solver=one)) for one in pair]
    names = [one.name for one in pair]
    if names[0] == names[1]:
        names = [f"{name} ({i})" for i, name in enumerate(names)]
    out = xarray.concat(
        results, xarray.Variable("theory", names), combine_attrs="drop_conflicts", coords="minimal", compat="override"
    )
    for name in map(str, results[0].data_vars):
        first, second = (r[name].values for r in results)
        inner = tuple(
            i for i, d in enumerate(results[0][name].dims) if d in COORDINATES or str(d).startswith(f"{name}_")
        )
        size = np.abs(second).max(inner, keepdims=True) if inner else np.abs(second)
        words = str(results[0][name].attrs.get("long_name", name))
        label = {"units": "1", "long_name": f"relative difference of {words}", "of": name}
        relative = np.divide(first - second, size, out=np.full(first.shape, np.nan), where=size != 0)
        out[f"{name}_difference"] = (results[0][name].dims, relative, label)
    out.attrs = attributes(film) | {"solver": " against ".join(names), "sweep": ", ".join(map(str, over))}
    return out


def _two(solvers: Sequence[Solver] | None) -> list[Solver]:
    if solvers is None:
        from spinstack.boltzmann.solver import Boltzmann
        from spinstack.circuit.solver import DriftDiffusion

        return [DriftDiffusion(), Boltzmann()]
    if not isinstance(solvers, Sequence) or len(solvers) != 2:
        raise ParameterError(
            field="solvers", got=solvers, allowed="two, for example (ss.DriftDiffusion(), ss.Boltzmann())"
        )
    return [chosen(one) for one in solvers]


def _takes_solver(observable: Callable[..., Any]) -> bool:
    parameters = inspect.signature(observable).parameters.values()
    return any(p.name == "solver" or p.kind is p.VAR_KEYWORD for p in parameters)


def effective_interface(film: Film, interface: int | str, *, m: Any = None, rtol: float = 1e-6) -> EffectiveInterface:
    """The coefficients of one interface in the Boltzmann equation, to feed drift-diffusion.

    Definition. The interface stands between the collisions of its two neighbours, made thick and stripped of what
    relaxes or sources spin (spin flip, exchange precession, dephasing, spin Hall effect), so that beyond some mean free
    paths z-currents are constant and mu_s, mu_c linear in depth. These bulk modes, extrapolated to the interface from
    either side, define currents and potentials at 0- and 0+; driven by reservoirs (charge and every spin, from below
    and above) and by in-plane fields they give ``currents = conductance potentials + conductivity E``, without any
    assumption on the electrons that arrive. Coefficients are projections of it: G_up, G_down of the longitudinal
    part, mixing conductances of the transverse one, filtering and precession of the in-plane drive.

    They contain the Sharvin correction, and differ from those of scattering theory with ``sharvin=True`` by how far
    arriving electrons are from a shifted Fermi sphere: not at all for an opaque interface. They hold where spin
    relaxes over lengths much longer than a mean free path. What no :class:`spinstack.Interface` can hold is left
    out of it: `mixing_anisotropy`, `generated_remainder`, and the in-plane current at the interface, which with
    spin-orbit coupling depends on m. Magnetoresistance of interfacial spin-orbit scattering needs the scattering model.

    Args:
        film: one film that the Boltzmann equation describes (no batch); one with laws at a temperature, film.at(300).
        interface: position of the interface in the film, or its label, such as "Pt|Py".
        m: direction of the magnets, as in :func:`sheet_conductance`, one.
        rtol: asked accuracy of conductance and conductivity, relative to their largest entries.

    Raises:
        ParameterError: no such interface, one without a scattering model, a film that the equation refuses; a spin
            conductance that no Interface can have.
    """
    from spinstack.boltzmann.effective import boundary_condition
    from spinstack.scattering.coefficients import coefficients
    from spinstack.scattering.evaluate import Tensors

    film = Film.of(film).at(None)
    film.require_single("effective_interface")
    index = _position(film, interface)
    directions = _single_directions(film, m)
    found = boundary_condition(film, index, list(directions.values()), rtol)
    magnet = film.magnet_of(index)
    axis = np.array([0.0, 0.0, 1.0]) if magnet is None else directions[magnet]
    none = {name: np.zeros(shape) for name, shape in _UNSEEN.items()}
    lower = Tensors(conductance=found.conductance, conductivity=found.conductivity, **none)
    upper = lower._replace(conductance=-np.roll(found.conductance, (4, 4), (0, 1)))
    values = coefficients(lower, axis)
    named = {name: values[name] for name in _SEEN}
    named["mixing_conductance_upper"] = coefficients(upper, axis)["mixing_conductance"]
    taken = {n: named[n].item() for n in ("conductance_up", "conductance_down", "spin_memory_loss")}
    # rounding of what is zero
    taken["spin_memory_loss"] = taken["spin_memory_loss"] if taken["spin_memory_loss"] > 1e-5 else 0.0
    if magnet is not None:
        for n in ("mixing_conductance", "mixing_conductance_upper", "transmitted_mixing_conductance"):
            taken[n] = complex(named[n])
        taken |= {"precession": float(named["precession_lower"]), "precession_upper": float(named["precession_upper"])}
    else:
        taken["conductance_up"] = taken["conductance_down"] = (taken["conductance_up"] + taken["conductance_down"]) / 2
    taken |= {"filtering": float(named["filtering_lower"]), "filtering_upper": float(named["filtering_upper"])}
    element: Any = film.elements[index]
    made = Interface(element.name, magnet=element.magnet, reciprocal=element.reciprocal, **taken)
    return EffectiveInterface(made, named, found.conductance, found.conductivity, found.error)


#: responses that a boundary condition does not contain, and their shapes
_UNSEEN = {
    "inverse": (2, 8), "sheet": (2, 2), "torkance": (3, 8), "lattice_torkance": (3, 8), "torkivity": (3, 2),
    "lattice_torkivity": (3, 2), "accumulation": (4, 8), "field_accumulation": (4, 2), "error": (),
}  # fmt: skip


def _position(film: Film, interface: int | str) -> int:
    labels = film.labels()
    at = [i for i, e in enumerate(film.elements) if isinstance(e, Interface) and interface in (i, labels[i])]
    if isinstance(interface, bool) or not at:
        known = [f"{labels[i]} at {i}" for i, e in enumerate(film.elements) if isinstance(e, Interface)]
        raise ParameterError(
            field="interface", got=interface, remedy=f"The film's interfaces: {', '.join(known) or 'none'}."
        )
    return at[0]


def _single_directions(film: Film, m: Any) -> dict[int, np.ndarray]:
    """One direction (3,) by position of each magnet."""
    from spinstack.boltzmann.describe import magnet_positions
    from spinstack.stack.orientation import given_directions

    found = dict(zip(magnet_positions(film), given_directions(film, m), strict=True))
    for direction in found.values():
        if direction.shape != (3,):
            raise ParameterError(f"of shape {direction.shape}", field="m", got=m, allowed="one direction, shape (3,)")
    return found
