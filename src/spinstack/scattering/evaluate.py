"""Evaluating scattering models: from parameters and neighbours to responses, whatever the model."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from spinstack.numerics import compiler
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering import response as si
from spinstack.scattering.integrals import Integrals
from spinstack.scattering.sides import SidedIntegrals, SidedResponse, sided_response
from spinstack.scattering.spheres import Sphere
from spinstack.stack.batches import together
from spinstack.stack.directions import unit_vector
from spinstack.stack.trees import register_with_jax
from spinstack.text.arrays import read
from spinstack.text.checks import number, range_words
from spinstack.text.errors import ParameterError

register_with_jax()  # models may have been made before JAX was loaded

if TYPE_CHECKING:
    from spinstack.scattering.model import ScatteringModel


class Tensors(NamedTuple):
    """The responses of an interface; rows and columns x, y, z, c at 0-, then at 0+; potentials mu_s and mu_c [V].

    Attributes:
        conductance: (..., 8, 8) [S/m^2], currents per potential.
        conductivity: (..., 8, 2) [S/m], currents per in-plane field.
        inverse: (..., 2, 8) [S/m], in-plane sheet current per potential.
        sheet: (..., 2, 2) [S], sheet conductance due to spin-orbit scattering.
        torkance: (..., 3, 8) [S/m^2], spin current into m per potential.
        lattice_torkance: (..., 3, 8) [S/m^2], spin current into the lattice per potential.
        torkivity: (..., 3, 2) [S/m], spin current into m per in-plane field.
        lattice_torkivity: (..., 3, 2) [S/m], spin current into the lattice per in-plane field.
        accumulation: (..., 4, 8) [1], mu_s and mu_c at z = 0 per potential.
        field_accumulation: (..., 4, 2) [m], mu_s and mu_c at z = 0 per in-plane field.
        error: (...), largest change of <T>, <A> and their kin in the last refinement, relative to their largest entry.
    """

    conductance: Any
    conductivity: Any
    inverse: Any
    sheet: Any
    torkance: Any
    lattice_torkance: Any
    torkivity: Any
    lattice_torkivity: Any
    accumulation: Any
    field_accumulation: Any
    error: Any


class Side(NamedTuple):
    """What arrives from the metal on one side: mean free path [m] and polarisation (batch), its m (3, batch)."""

    mean_free_path: Any
    polarization: Any
    m: Any


def layer_side(sphere: Sphere, path: Any, polarization: Any, m: Any) -> Side:
    """The side of a layer by the `path` that its conductivity means for the model's k_F, and its polarisation."""
    return Side(*sphere.paths(path, polarization), m)


def flat(model: ScatteringModel, batch: tuple[int, ...]) -> ScatteringModel:
    """The model with every parameter as an array (batch size), unchecked."""
    return jax.tree.map(partial(_row, batch=batch), model)


def interface_response(
    model: ScatteringModel, m: Any, lower: Side, upper: Side, tolerance: float
) -> tuple[si.Response | SidedResponse, Any]:
    """Response and error of a model with parameters (batch) for directions m (3, batch)."""
    bare, size = model.without_spin_orbit(), m.shape[-1]
    if bare is model:
        n, error = model.integrals(m, tolerance)
    elif not model.differs():  # both in one call
        n, error = jax.tree.map(_after, model, bare).integrals(_after(m, m), tolerance)
    else:
        (n, error), (alone, _) = (one.integrals(m, tolerance) for one in (model, bare))
        n = jax.tree.map(_after, n, alone)
    below, above = model.spheres()
    given = (n, below.drive(*lower), above.drive(*upper), model.fermi_wavevector)
    # one program where something is traced; without, nothing is worth compiling
    answer = _compiled if any(map(is_traced, jax.tree.leaves(given))) else _response
    return answer(*given, bool(model.sharvin)), error[..., :size]


def _response(
    n: Integrals | SidedIntegrals, lower: Any, upper: Any, fermi_wavevector: Any, sharvin: bool
) -> si.Response | SidedResponse:
    """The response from integrals, behind which those without spin-orbit coupling stand where there are any."""
    size, G = lower.shape[-1], si.sharvin_conductance(fermi_wavevector)
    parts = np.s_[..., :size], np.s_[..., -size:]
    if isinstance(n, SidedIntegrals):
        of, bare = (SidedIntegrals(*(a[part] for a in n)) for part in parts)
        return sided_response(of, bare, array_module(lower, upper).stack([lower, upper]), G, sharvin)
    with_, without = (Integrals(*(a[part] for a in n)) for part in parts)
    return si.response(with_, without, si.Sides(lower, upper), G, sharvin)


_compiled = compiler.jit(_response, static_argnums=4)


def _after(a: Any, b: Any) -> Any:
    return array_module(a, b).concatenate([a, b], -1)


def _row(value: Any, batch: tuple[int, ...]) -> Any:
    xp = array_module(value)
    return xp.broadcast_to(xp.asarray(value, dtype=float), batch).reshape(-1)


def tensors(
    model: ScatteringModel, m: Any, mean_free_path: tuple[Any, Any], polarization: tuple[Any, Any], tolerance: float
) -> Tensors:
    """See :meth:`ScatteringModel.tensors`."""
    m = unit_vector(m)
    number(tolerance, "tolerance", low=1e-15, high=1, open_high=True)
    paths, P = _pair("mean_free_path", mean_free_path, 0.0, None), _pair("polarization", polarization, -1.0, 1.0)
    pairs = {
        "mean_free_path[0]": paths[0],
        "mean_free_path[1]": paths[1],
        "polarization[0]": P[0],
        "polarization[1]": P[1],
    }
    given = {name: np.shape(v) for name, v in (model.parameters | pairs).items() if v is not None}
    batch = together(given | {"m": np.shape(m)[:-1]})
    size, xp = int(np.prod(batch, dtype=int)), array_module(m)
    directions = xp.moveaxis(xp.broadcast_to(m, (*batch, 3)).reshape(size, 3), -1, 0)
    lower, upper = (Side(_row(paths[i], batch), _row(P[i], batch), directions) for i in (0, 1))
    r, error = interface_response(flat(model, batch), directions, lower, upper, tolerance)
    answer = _compiled_tensors if any(map(is_traced, jax.tree.leaves(r))) else _tensors
    return answer(r, error, batch)


def _tensors(r: si.Response | SidedResponse, error: Any, batch: tuple[int, ...]) -> Tensors:
    """The 8-column form with the batch in front, potentials mu_c instead of 2 mu_c."""
    arrays = _of_sides(r, error) if isinstance(r, SidedResponse) else _assembled(r, error)
    xp = jnp if any(is_traced(a) for a in arrays) else np
    return Tensors(*(xp.moveaxis(xp.asarray(a), -1, 0).reshape((*batch, *a.shape[:-1])) for a in arrays))


_compiled_tensors = jax.jit(_tensors, static_argnums=2)


def _pair(name: str, value: Any, low: float, high: float | None) -> list[Any]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ParameterError(field=name, got=value, allowed="two values, of the metal below and the one above")
    for v in value:
        if is_traced(v):
            continue
        array = read(v)
        if isinstance(array, str):
            raise ParameterError(array, field=name, got=v)
        if not (np.isfinite(array) & (array >= low) & (array <= (np.inf if high is None else high))).all():
            raise ParameterError(field=name, got=v, allowed=f"finite numbers, {range_words(low, high)}")
    return list(value)


def _assembled(r: si.Response, error: Any) -> list[Any]:
    xp = array_module(*r)
    to_mu = np.array([1.0, 1.0, 1.0, 2.0])[None, :, None]

    def both(x: Any) -> Any:
        return xp.concatenate([x, x], 1)

    mean, lost = r.mean * to_mu, r.lost * to_mu
    inverse = xp.concatenate([(r.inverse_lost + r.inverse_mean) * to_mu, (r.inverse_lost - r.inverse_mean) * to_mu], 1)
    halve = np.array([1.0, 1.0, 1.0, 0.5])[:, None, None]
    return [
        xp.concatenate(
            [
                xp.concatenate([mean + lost / 2, lost / 2 - mean], 1),
                xp.concatenate([mean - lost / 2, -lost / 2 - mean], 1),
            ]
        ),
        xp.concatenate([r.mean_field + r.lost_field / 2, r.mean_field - r.lost_field / 2]),
        inverse,
        r.sheet,
        both(r.torque * to_mu),
        both(r.lattice * to_mu),
        r.torque_field,
        r.lattice_field,
        both(r.accumulation * to_mu) * halve,
        r.accumulation_field * halve,
        error,
    ]


def _of_sides(r: SidedResponse, error: Any) -> list[Any]:
    to_mu, halve = np.array([1.0, 1.0, 1.0, 2.0] * 2)[None, :, None], np.array([1.0, 1.0, 1.0, 0.5])[:, None, None]

    def columns(a: Any, *rows: int) -> Any:
        return a.reshape(*rows, 8, a.shape[-1]) * to_mu

    return [
        columns(r.flow, 8),
        r.field.reshape(8, 2, -1),
        columns(r.inverse, 2),
        r.sheet,
        columns(r.torque, 3),
        columns(r.lattice, 3),
        r.torque_field,
        r.lattice_field,
        columns(r.accumulation, 4) * halve,
        r.accumulation_field * halve,
        error,
    ]
