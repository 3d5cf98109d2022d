"""Boltzmann transport as a solver: what observables ask of a theory."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spinstack.boltzmann.boundaries import Specularity
from spinstack.boltzmann.describe import magnet_positions
from spinstack.boltzmann.perpendicular import perpendicular
from spinstack.boltzmann.profiles import mean_spin_current, profiles
from spinstack.boltzmann.solve import (
    Solution,
    check_specularity,
    check_surfaces,
    check_tolerance,
    problems,
    single,
    solve,
    solve_slopes,
)
from spinstack.insulator.domains import over_domains
from spinstack.insulator.held import without_field
from spinstack.numerics.arrays import array_module, is_traced
from spinstack.scattering.fermi_sphere import warn_of_disagreements
from spinstack.stack import Film
from spinstack.stack.conditions import Conditions, UntracedError, traced
from spinstack.stack.film import magnet_labels
from spinstack.stack.orientation import given_directions
from spinstack.stack.parameters import is_tensor
from spinstack.text.errors import ParameterError, Problems


class NotConvergedWarning(UserWarning):
    """The asked accuracy was not reached with the largest number of directions; the message says what was."""


@dataclass(frozen=True)
class Boltzmann:
    """Spin-dependent Boltzmann transport in the whole film (docs/methods/boltzmann.md).

    Args:
        rtol: asked relative accuracy of the result that is asked for; the number of directions follows from it.
        specularity: fraction of electrons that the bottom and the top surface reflect like a mirror, the others leave
            in random directions; at a surface of a magnet it may be two numbers, of majority and minority, for example
            ``((0.8, 0.2), 0.5)``.

    Layers take mean free paths and spin-flip lengths, given or from conductivity, polarisation and spin diffusion
    length; interfaces have a scattering model, or conductances that are said to be bare or corrected; without an
    interface neighbours are in perfect contact. A magnetic insulator takes from every electron what makes its
    conductances. No magnetic field. What follows from the sheet conductance has exact derivatives by every parameter of
    the film: :func:`spinstack.gradient` and fits use them.
    """

    #: how many films a sweep hands over at a time
    films_at_once: ClassVar[int] = 64

    rtol: float = 1e-4
    specularity: tuple[Specularity, Specularity] = (0.0, 0.0)

    def __post_init__(self) -> None:
        problems = Problems()
        with problems:
            check_tolerance(self.rtol, "Boltzmann")
        with problems:
            object.__setattr__(self, "specularity", check_specularity(self.specularity, "Boltzmann"))
        problems.end()

    @property
    def name(self) -> str:
        """What results call it."""
        words = [f"{p:g}" if isinstance(p, float) else f"({p[0]:g}, {p[1]:g})" for p in self.specularity]
        return f"Boltzmann, rtol {self.rtol:g}, specularity {words[0]} and {words[1]}"

    @property
    def traceable(self) -> bool:
        """Whether JAX can trace its answers."""
        return False

    def differentiates(self, quantity: str) -> bool:
        """Whether an answer has derivatives by the parameters of a film."""
        return quantity == "sheet_conductance"

    def check(self, film: Film, at: Conditions, closed: bool = True) -> None:
        """Raise where the equation does not describe the film or the conditions; computes nothing."""
        taken = self._taken(film, at)
        # what is described does not depend on where m points
        m = {label: v.reshape(-1, 3)[0] for label, v in _directions(film, at.m, at.batch).items()}
        found, _ = problems(taken, m or None)
        if closed:
            check_surfaces(found[0], self.specularity)

    @over_domains
    def sheet_conductance(self, film: Film, at: Conditions) -> np.ndarray:
        """Sheet conductance tensor (..., 2, 2) [S]; inside JAX's derivatives of first order with these."""
        if traced(film):
            return _spread(self._differentiated(film, at), at, 2)
        return _spread(self._solved(film, at, "sheet").sheet, at, 2)

    def _differentiated(self, film: Film, at: Conditions) -> Any:
        """The same of a film of which some parameters are differentiated, a JAX array."""
        import jax
        from jax import numpy as jnp

        if traced(None, at):
            raise self._untraced()
        held = without_field(film, at.T)
        moved = {path: value for path, value in held.parameters().items() if is_traced(value)}
        parts: dict[str, Any] = {}
        for path, value in moved.items():
            two = jnp.iscomplexobj(value)
            parts |= {f"{path}.real": value.real, f"{path}.imag": value.imag} if two else {path: value}
        own = {path: 2 if is_tensor(value) else 0 for path, value in parts.items()}
        ahead = np.broadcast_shapes(*(v.shape[: v.ndim - own[path]] for path, v in parts.items()))
        varies = {path: v.ndim > own[path] for path, v in parts.items()}
        if ahead:
            parts = {path: jnp.broadcast_to(v, ahead + v.shape[v.ndim - own[path] :]) for path, v in parts.items()}
        packed = jnp.concatenate([jax.lax.reshape(v, (*ahead, 6 if own[path] else 1)) for path, v in parts.items()], -1)

        @jax.custom_jvp
        def conductance(x: Any) -> Any:
            raise self._untraced()

        @conductance.defjvp
        def both(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
            if is_traced(primals[0]):
                raise self._untraced()
            columns = np.asarray(primals[0])
            numbers = {}
            for path in parts:
                size = 6 if own[path] else 1
                some, columns = columns[..., :size], columns[..., size:]
                some = some if varies[path] else some.reshape(-1, size)[0]
                numbers[path] = some.reshape((*some.shape[:-1], 3, 2) if own[path] else some.shape[:-1])
            taken = self._taken(_with_values(held, numbers), at)
            sheet, slopes, error = solve_slopes(taken, numbers, at.m, self.specularity, self.rtol)
            self._warn(error)
            rows = jnp.asarray(np.concatenate([slope.reshape(*sheet.shape, -1) for slope in slopes.values()], -1))
            ahead_of = (1,) * (rows.ndim - tangents[0].ndim - 2)
            step = tangents[0].reshape(*ahead_of, *tangents[0].shape[:-1], 1, 1, tangents[0].shape[-1])
            return jnp.asarray(sheet), (rows * step).sum(-1)

        return conductance(packed)

    @over_domains
    def elements(self, film: Film, at: Conditions, quantity: str) -> np.ndarray:
        """What every element of the film contributes; see :meth:`spinstack.DriftDiffusion.elements`.

        The torque that an interface exerts stands at its magnet.
        """
        if at.current is not None:
            return _spread(at.current * self._crossed(film, at, quantity), at, 2)
        if quantity == "mean_spin_current":
            return _spread(self._mean_spin_current(film, at), at, 2)
        if quantity == "sheet_current":
            return _spread(self._solved(film, at, "sheets").sheets @ at.E, at, 2)
        solved = self._solved(film, at, "torque").torque @ at.E
        return _spread(_at_magnets(film, solved), at, 2)

    def _crossed(self, film: Film, at: Conditions, quantity: str) -> np.ndarray:
        """The same per current density along z."""
        if quantity == "mean_spin_current":
            return self._mean_spin_current(film, at)
        asked = {"torque": "torque", "sheet_current": "sheets"}[quantity]
        found = perpendicular(self._taken(film, at), at.m, self.rtol, asked)
        self._warn(found.error)
        return found.sheets if asked == "sheets" else _at_magnets(film, found.torque)

    def _mean_spin_current(self, film: Film, at: Conditions) -> np.ndarray:
        film = self._taken(film, at)
        _, batch = problems(film, at.m)
        size = int(np.prod(batch, dtype=int))
        out, errors = np.zeros((size, len(film), 3)), np.zeros(size)
        for index in range(size):
            one = film if film.batch_shape == () else single(film, batch, index)
            along = {label: v[index] for label, v in _directions(film, at.m, batch).items()}
            crossing = at.current is not None
            found, errors[index], _ = mean_spin_current(one, along or None, self.specularity, self.rtol, crossing)
            out[index] = found[..., 0] if crossing else found @ at.E
        self._warn(errors)
        return out.reshape(*batch, len(film), 3)

    @over_domains
    def profile(self, film: Film, at: Conditions, fractions: np.ndarray) -> dict[str, np.ndarray]:
        """What goes on inside; see :meth:`spinstack.DriftDiffusion.profile`."""
        crossing = at.current is not None
        p = profiles(self._taken(film, at), at.m, self.specularity, self.rtol, fractions=fractions, crossing=crossing)
        self._warn(p.error)
        drive = np.array([at.current]) if crossing else at.E
        fields = {name: getattr(p, name) @ drive for name in ("mu", "Q", "mu_c", "j_c", "j")}
        return {"z": p.z, **fields}

    def perpendicular(self, film: Film, at: Conditions) -> np.ndarray:
        """Resistance times area (...) [Ohm m^2] between two reservoirs."""
        return _spread(perpendicular(self._taken(film, at), at.m, self.rtol).resistance, at, 0)

    def _solved(self, film: Film, at: Conditions, asked: str) -> Solution:
        solved = solve(self._taken(film, at), at.m, self.specularity, self.rtol, asked=(asked,))
        self._warn(solved.error)
        return solved

    def _warn(self, error: Any) -> None:
        """Warn where the largest number of directions did not reach the asked accuracy of what was asked for."""
        if (reached := np.max(error, initial=0.0)) > self.rtol:
            warnings.warn(
                f"Boltzmann: reached a relative error of {reached:.1e}, asked were {self.rtol:.1e}.",
                NotConvergedWarning,
                stacklevel=5,
            )

    def _taken(self, film: Film, at: Conditions) -> Film:
        """The film as the equation takes it: numbers, without field."""
        if traced(film, at):
            raise self._untraced()
        if np.any(np.asarray(at.B) != 0):
            raise ParameterError(
                field="B", got=at.B, allowed="with Boltzmann no magnetic field", remedy="m gives the direction."
            )
        film = Film.of(film).at(at.T)
        warn_of_disagreements(film, stacklevel=6)
        return without_field(film, at.T)

    def _untraced(self) -> UntracedError:
        return UntracedError(
            "which JAX cannot trace here",
            field="solver",
            got=self,
            allowed="first derivatives, not compiled, of what follows from the sheet conductance by parameters of the "
            "film, as spinstack.gradient takes them; or a theory that JAX can trace, such as "
            "spinstack.DriftDiffusion(), or None",
            remedy="Take differences of values, or a loop instead of jit and vmap.",
        )


def _at_magnets(film: Film, torque: np.ndarray) -> np.ndarray:
    """Torques (..., magnets, 3) at the elements that take them."""
    out = np.zeros((*torque.shape[:-2], len(film), 3))
    out[..., magnet_positions(film), :] = torque
    return out


def _spread(answer: np.ndarray, at: Conditions, inner: int) -> np.ndarray:
    """An answer (..., inner axes) for every condition, also for those on which nothing in the film depends."""
    ahead = answer.ndim - inner
    return array_module(answer).broadcast_to(
        answer, (*np.broadcast_shapes(answer.shape[:ahead], at.batch), *answer.shape[ahead:])
    )


def _with_values(film: Film, numbers: Mapping[str, np.ndarray]) -> Film:
    """The film with numbers by path, complex ones as .real and .imag."""
    whole: dict[str, Any] = {}
    for path, value in numbers.items():
        stem, _, part = path.rpartition(".")
        if part in ("real", "imag"):
            whole[stem] = whole.get(stem, 0.0) + (1j if part == "imag" else 1.0) * value
        else:
            whole[path] = value
    tensors = {path: f"{path}[:,:]" for path in whole if is_tensor(film.get(path))}
    return film.replace({tensors.get(path, path): value for path, value in whole.items()})


def _directions(film: Film, m: Any, batch: tuple[int, ...]) -> dict[str, np.ndarray]:
    """m of every magnet (batch size, 3) by its label."""
    found = given_directions(film, m)
    return {
        label: np.broadcast_to(v, (*batch, 3)).reshape(-1, 3)
        for label, v in zip(magnet_labels(film), found, strict=True)
    }
