"""A film whose magnets move: what holds them, and what a current does to them, as a table in m."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from spinstack.magnets.coupling import InterlayerExchange
from spinstack.magnets.landscape import Landscape
from spinstack.magnets.macrospin import Macrospin
from spinstack.magnets.neel import NeelVector
from spinstack.magnets.polynomial import Polynomial, of_functions
from spinstack.magnets.pulse import sides
from spinstack.magnets.response import Question, response
from spinstack.magnets.settle import followed, lowest
from spinstack.numerics.arrays import is_traced
from spinstack.numerics.constants import BOHR_MAGNETON, PLANCK_REDUCED, VACUUM_PERMEABILITY
from spinstack.observables.provenance import attributes
from spinstack.observables.solvers import Solver
from spinstack.stack import Element, Film, ParameterError
from spinstack.stack.batches import together
from spinstack.stack.conditions import Conditions
from spinstack.stack.directions import single_direction, unit_vector, vector
from spinstack.stack.film import magnet_labels
from spinstack.stack.layer import Layer
from spinstack.text import checks
from spinstack.text.errors import Problems, near_names

#: highest degree of a table that is asked for
HIGHEST = 12

One = TypeVar("One")


class Table(NamedTuple):
    """What a sheet current along x and along y does, polynomials in the directions of the magnets that move.

    turning: L of each magnet that moves (magnets, 3, current) [T per A/m], the torque over its moment and the Oersted
    field's ``B x m`` together; oersted: that field (magnets, 3, current) [T per A/m]; resistance: sheet resistance
    (field, current) [Ohm]; currents: share of every element (elements, 2, current).
    """

    turning: Polynomial
    oersted: Polynomial
    resistance: Polynomial
    currents: Polynomial

    @property
    def residual(self) -> float:
        """The largest deviation of any, as the tolerance has it."""
        return max(one.residual for one in self)


class MagneticModel:
    """Magnets of a film that move, and what moves them; the film itself is asked once, for a table in m.

    Args:
        film: one film.
        magnets: those that move.
        others: directions at which all other magnets are held, by name.
        couplings: exchange between two magnets, of which one at least moves.
        start: where the magnets are at first, one direction for all or by name, and settle from there; default: the
            place of lowest energy in the first field of a path.
        degree: of the polynomials in m, or "auto": the lowest that keeps the tolerance.
        oersted: whether the field of the currents in other layers acts, too.
        tolerance: largest deviation of the table from the film, of a torque over its largest value, of the resistance
            over its change with m. The degrees that keep it are found; many-layered films need more.
        B: field [T], and T: temperature [K], at which the film is asked for its table.
        solver: theory, as in :func:`spinstack.torque`.

    Attributes:
        names: of the magnets that move, in the order in which they were given.

    Raises:
        ParameterError: unknown magnets, magnets that neither move nor are held, a thickness that is not known.
    """

    def __init__(
        self,
        film: Film,
        magnets: Sequence[Macrospin | NeelVector],
        others: Mapping[str, Any] | None = None,
        couplings: Sequence[InterlayerExchange] = (),
        *,
        start: Any = None,
        degree: int | Literal["auto"] = "auto",
        oersted: bool = True,
        tolerance: float = 1e-4,
        B: Any = (0.0, 0.0, 0.0),
        T: float | None = None,
        solver: Solver | None = None,
    ) -> None:
        self.film = Film.of(film)
        self.film.require_single("MagneticModel")
        kinds: tuple[type[Macrospin | NeelVector], ...] = (Macrospin, NeelVector)
        self.magnets = several(magnets, kinds, "magnets", least=1)
        self.couplings = several(couplings, InterlayerExchange, "couplings")
        self.oersted, self.solver = checks.switch(oersted, "oersted"), solver
        self.tolerance = checks.number(tolerance, "tolerance", low=0, open_low=True)
        self.degree = None if degree == "auto" else checks.whole(degree, "degree", low=0, high=HIGHEST)
        self.at = Conditions(B=B, T=T)
        for one in self.magnets:
            for name in one.specifications():
                if is_traced(value := getattr(one, name)) or (value is not None and np.ndim(value)):
                    raise one.refused(name, "which is not one number", allowed="one number: a model is of one film")
        self.names = tuple(one.name for one in self.magnets)
        self.others = self._held(others)
        problems = Problems()
        for k, coupling in enumerate(self.couplings):
            with problems:
                self._check_coupling(coupling, self.couplings[:k])
        with problems:
            self.thicknesses = self._thicknesses()
        with problems:
            self.start = None if start is None else self.given(start, "start")
        problems.end()

    def __repr__(self) -> str:
        return f"MagneticModel({', '.join(self.names)} of {self.film!r})"

    def attributes(self, asked: str) -> dict[str, Any]:
        """Dataset attributes that say what made a result, and what was asked."""
        known = {"table_residual": self.residual} if "table" in self.__dict__ else {}
        return attributes(self.film, self.solver) | {"observable": asked} | known

    @cached_property
    def held(self) -> np.ndarray:
        """Directions (others, 3) of magnets that do not move."""
        return np.array(list(self.others.values())).reshape(-1, 3)

    @cached_property
    def moments(self) -> np.ndarray:
        """M_s t of each magnet that moves [A]."""
        strength = [1.0 if isinstance(one, NeelVector) else one.magnetization for one in self.magnets]
        return np.array(strength) * self.thicknesses

    @cached_property
    def gyromagnetic_ratios(self) -> np.ndarray:
        """g mu_B/hbar [rad/(s T)]."""
        return np.array([one.g_factor for one in self.moving]) * BOHR_MAGNETON / PLANCK_REDUCED

    @cached_property
    def dampings(self) -> np.ndarray:
        """Gilbert damping of each; ParameterError where one is not known."""
        moving = self.moving
        for one in moving:
            if one.damping is None:
                raise one.refused("damping", "which everything that moves needs", remedy="Give it, such as 0.01.")
        return np.array([one.damping for one in moving])

    @property
    def moving(self) -> tuple[Macrospin, ...]:
        """The magnets as those that a current moves; ParameterError where one is a Neel vector."""
        for one in self.magnets:
            if isinstance(one, NeelVector):
                raise one.refused("name", "a Neel vector, which follows fields and no current")
        return self.magnets  # type: ignore[return-value]

    @cached_property
    def landscape(self) -> Landscape:
        """What holds the magnets."""
        n, every = len(self.magnets), [*self.names, *self.others]
        exchange = np.zeros((2, n, len(every)))
        for one in self.couplings:
            i, j = every.index(one.first), every.index(one.second)
            for a, b in ((i, j), (j, i)):
                if a < n:
                    exchange[:, a, b] += one.bilinear, one.biquadratic
        x, z = np.eye(3)[0], np.eye(3)[2]
        bias, quadratic, axes = np.zeros((n, 3)), np.zeros((n, 3, 3)), np.zeros((n, 3, 3))
        cubics, neel = np.zeros(n), np.zeros(n)
        for i, magnet in enumerate(self.magnets):
            if isinstance(magnet, NeelVector):
                quadratic[i], neel[i] = magnet.quadratic, 1.0
                continue
            bias[i] = magnet.exchange_bias * np.asarray(magnet.bias_direction or x)
            easy, cubic = np.asarray(magnet.easy_axis or x), np.asarray(magnet.cubic_axis or x)
            quadratic[i] = magnet.anisotropy_field * np.outer(easy, easy)
            quadratic[i] -= self.effective_magnetizations[i] * np.outer(z, z)
            axes[i], cubics[i] = (cubic, np.cross(z, cubic), z), magnet.cubic_field
        found = Landscape(
            self.moments, bias, quadratic,
            *((cubics, axes) if cubics.any() else (None, None)),
            *(exchange if exchange.any() else (None, None)),
        )  # fmt: skip
        return found._replace(neel=neel) if neel.any() else found

    @cached_property
    def effective_magnetizations(self) -> np.ndarray:
        """mu0 M_eff of each magnet that moves [T]; 0 where an anisotropy field along z holds it."""
        out = []
        for one, t in zip(self.magnets, self.thicknesses, strict=True):
            if isinstance(one, NeelVector):
                out.append(0.0)
                continue
            Ms, N = one.magnetization, one.demagnetizing_factor
            held = 2 * (one.surface_anisotropy / t + one.volume_anisotropy) / Ms
            own = 0.0 if N is None else VACUUM_PERMEABILITY * Ms * N - held
            out.append(own if one.effective_magnetization is None else one.effective_magnetization)
        return np.array(out)

    @cached_property
    def table(self) -> Table:
        """What a current does.

        Raises ParameterError where no polynomial up to the degree that is tried keeps the tolerance, and what the film
        and the theory refuse.
        """
        # of a resistance the changes with m are what people measure
        changes = [name == "resistance" for name in Table._fields]
        made = Table(*of_functions(self.asked, len(self.magnets), self.tolerance, self.degree, changes))
        if made.residual > self.tolerance:
            words = ", ".join(f"{name} {one.residual:.2g}" for name, one in zip(Table._fields, made, strict=True))
            remedy = "Allow more with tolerance=, or a higher degree= (up to 12)."
            raise ParameterError(
                f"which no polynomial of degree {made.turning.degree} in m keeps; off by {words}",
                where="MagneticModel", field="tolerance", got=self.tolerance, remedy=remedy,
            )  # fmt: skip
        return made

    @property
    def residual(self) -> float:
        """The largest deviation of the table from the film, as `tolerance` has it."""
        return self.table.residual

    def given(self, m: Any, field: str = "m", several: bool = False) -> np.ndarray:
        """Directions (magnets, 3) from one for all or a mapping by name; of `several` starts (..., magnets, 3)."""
        by_name = m if isinstance(m, Mapping) else dict.fromkeys(self.names, m)
        if missing := [name for name in self.names if name not in by_name]:
            raise ParameterError(f"no direction for {missing[0]}", field=field, got=m)
        if unknown := [name for name in by_name if name not in self.names]:
            raise ParameterError("which does not move", field=field, got=unknown[0], allowed=", ".join(self.names))
        each = {name: f"{field}[{name!r}]" for name in self.names}
        if not several:
            return np.array([single_direction(by_name[name], words) for name, words in each.items()])
        found = {words: unit_vector(by_name[name], words) for name, words in each.items()}
        batch = together({words: one.shape[:-1] for words, one in found.items()})
        return np.stack([np.broadcast_to(one, (*batch, 3)) for one in found.values()], -2)

    def begin(self, B: np.ndarray) -> np.ndarray:
        """Where the magnets are at first in B (3) [T]: (magnets, 3)."""
        return lowest(self.landscape, self.names, B, self.held) if self.start is None else self.start

    def directions_in(self, B: Any) -> dict[str, np.ndarray]:
        """Directions of all magnets by name along paths of fields B (..., points, 3) [T], or in one (3).

        Each path has its hysteresis. This is what an observable asks that is given the model as its `m`.
        """
        fields = vector(B, "B", "three components in tesla, or a path of them (..., points, 3)")
        paths = fields.reshape(-1, *fields.shape[-2:]) if fields.ndim > 1 else fields[None, None]
        start = np.array([self.begin(one[0]) for one in paths])
        found = followed(self.landscape, start, np.moveaxis(paths, 1, 0), self.held)
        found = np.moveaxis(found, 0, 1).reshape(*fields.shape[:-1], len(self.names), 3)
        return {name: found[..., i, :] for i, name in enumerate(self.names)} | self.others

    def resistances(self, m: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sheet resistance (points,) [Ohm] along a current's direction (2) and across it, z x current, from the table.

        m: (points, magnets, 3).
        """
        found = (self.table.resistance(m) @ along) @ sides(along)
        return found[:, 0], found[:, 1]

    def asked(self, m: np.ndarray) -> tuple[np.ndarray, ...]:
        """What the film itself gives for the four parts of the table at m (points, magnets, 3)."""
        turning, field, R, share = response(self.film, m, self.question)
        return np.asarray(turning), np.asarray(field), np.asarray(R), np.asarray(share)

    @cached_property
    def question(self) -> Question:
        """What the film is asked for."""
        return Question(
            self.names, tuple(map(self._position, self.names)), tuple(one.thickness for one in self.moving),
            tuple(one.magnetization for one in self.moving),
            tuple((name, tuple(v.tolist())) for name, v in self.others.items()),
            tuple(self.at.B.tolist()), self.at.T, self.solver, self.oersted,
        )  # fmt: skip

    def _position(self, name: str) -> int:
        positions = [i for i, e in enumerate(self.film.elements) if e.magnetic]
        return dict(zip(magnet_labels(self.film), positions, strict=True))[name]

    def _held(self, others: Mapping[str, Any] | None) -> dict[str, np.ndarray]:
        labels, problems = magnet_labels(self.film), Problems()
        if others is not None and not isinstance(others, Mapping):
            raise ParameterError(field="others", got=others, allowed="a mapping from magnet name to direction")
        held: dict[str, np.ndarray] = {}
        for k, name in enumerate(self.names):
            with problems:
                if name not in labels:
                    allowed, remedy = ", ".join(labels) or "none, the film has no magnet", near_names(name, labels)
                    raise ParameterError("which is no magnet of the film", field="magnets", got=name, allowed=allowed,
                                         remedy=remedy.strip())  # fmt: skip
            with problems:
                if name in self.names[:k]:
                    raise ParameterError("twice", field="magnets", got=name)
        for name, value in (others or {}).items():
            with problems:
                if name not in labels or name in self.names:
                    allowed = ", ".join(n for n in labels if n not in self.names) or "none, all magnets move"
                    raise ParameterError(field="others", got=name, allowed=allowed)
                held[name] = np.asarray(single_direction(value, f"others[{name!r}]"))
        for name in labels:
            with problems:
                if name not in self.names and name not in (others or {}):
                    remedy = f'Say where it is held, such as others={{"{name}": "x"}}, or give a Macrospin("{name}").'
                    raise ParameterError(f"which neither moves nor is held: {name}", field="others", remedy=remedy)
        problems.end()
        return {name: held[name] for name in labels if name in held}

    def _thicknesses(self) -> np.ndarray:
        problems, out = Problems(), []
        for one in self.magnets:
            element = self.film.elements[self._position(one.name)]
            with problems:
                if isinstance(one, NeelVector) and isinstance(element, Layer):
                    raise one.refused(
                        "name", "a metal, which conducts along its magnetisation", remedy="Give a Macrospin."
                    )
                out.append(1.0 if isinstance(one, NeelVector) else thickness_of(one, element))
        problems.end()
        return np.array(out, float)

    def _check_coupling(self, one: InterlayerExchange, others: Sequence[InterlayerExchange]) -> None:
        labels = magnet_labels(self.film)
        for field in ("first", "second"):
            name = getattr(one, field)
            if name not in labels:
                raise one.refused(field, "which is no magnet of the film", allowed=", ".join(labels))
        if one.first == one.second:
            raise one.refused("second", "which is the first", allowed="another magnet")
        if one.first in self.others and one.second in self.others:
            raise one.refused("first", "which is held, as the second is", remedy="Leave it out.")
        if any({one.first, one.second} == {other.first, other.second} for other in others):
            raise one.refused("second", "with which the first is coupled twice", remedy="Leave one out.")


def thickness_of(one: Macrospin, element: Element) -> Any:
    """The thickness of a magnet: its own, or that of its layer; ParameterError where neither says it."""
    if one.thickness is None and not isinstance(element, Layer):
        why = "which an insulator of a film does not say"
        raise one.refused("thickness", why, remedy="Give it: the torque acts on all of its moment.")
    return one.thickness if one.thickness is not None else element.thickness  # type: ignore[attr-defined]


def require_model(model: Any, **given: Any) -> None:
    """ParameterError where `model` is none, or a value by name is traced by JAX: dynamics runs on numbers."""
    if not isinstance(model, MagneticModel):
        raise ParameterError(field="model", got=model, allowed="a MagneticModel")
    for name, value in given.items():
        if is_traced(value):
            why = "traced by JAX: magnets that move are asked with numbers"
            raise ParameterError(why, field=name, remedy="Derivatives are those of critical_current.")


def several(given: Any, kind: type[One] | tuple[type[One], ...], field: str, least: int = 0) -> tuple[One, ...]:
    """`given` as a tuple of that kind, or of these."""
    found = (given,) if isinstance(given, kind) else given
    if not isinstance(found, Sequence) or len(found) < least or not all(isinstance(one, kind) for one in found):
        words = " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))
        raise ParameterError(field=field, got=given, allowed=f"a list of {words}")
    return tuple(found)
