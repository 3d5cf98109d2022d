"""Paths: how a number of a film is named, such as ``RuO2[0].spin_splitter[y,x]`` or ``Pt|Co.mixing_conductance.real``.

A path is the owner (an element, with an index where its name repeats), a dot and a parameter, a model's parameter
behind the name of the model. Of a complex parameter ``.real`` and ``.imag`` are parts; of a spin Hall angle or a spin
splitter ``[spin,field]`` are components, spin x, y or z and field x or y, and ``[:,:]`` is the whole tensor.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any, NamedTuple

import numpy as np

from spinstack.numerics.arrays import aligned, array_module
from spinstack.stack.parameters import Specification, is_tensor
from spinstack.stack.trees import Tree
from spinstack.text.errors import ParameterError

_PATH = re.compile(
    r"(?P<owner>[^.\[\]]+)(\[(?P<index>-?[0-9]{1,9})\])?\.(?P<field>\w+?(\.(?!real$|imag$)\w+)?)"
    r"(\[ *((?P<spin>[xyz]) *, *(?P<along>[xy])|: *, *:) *\])?(\.(?P<part>real|imag))?"
)


class Place(NamedTuple):
    """A path taken apart; `component` is (spin, field), () for the whole tensor and None where none is named."""

    path: str
    owner: str
    nth: int | None
    field: str
    component: tuple[int, ...] | None
    part: str | None

    @classmethod
    def of(cls, path: Any) -> Place:
        """Raises :class:`ParameterError` for what is no path."""
        match = _PATH.fullmatch(path) if isinstance(path, str) else None
        if match is None:
            raise ParameterError(
                field="path",
                got=path,
                allowed="'element.field', for example 'Pt.thickness', 'Pt[0].thickness', 'Pt|Co.filtering', "
                "'Pt|Co.mixing_conductance.real' or 'Pt.spin_hall_angle[y,x]' (spin y, field along x)",
            )
        component: tuple[int, ...] | None = None
        if "[" in path[match.end("field") :]:
            component = ("xyz".index(match["spin"]), "xy".index(match["along"])) if match["spin"] else ()
        index = int(match["index"]) if match["index"] else None
        return cls(path, match["owner"], index, match["field"], component, match["part"])

    def check(self, spec: Specification) -> None:
        """Raise :class:`ParameterError` where a parameter has no such part or component."""
        if self.part and spec.kind != "complex":
            raise self._refused(f"is real, so it has no .{self.part} part")
        if self.component is not None and spec.kind != "angle":
            raise self._refused("is no tensor, so it has no components")

    def _check_number(self, value: Any) -> None:
        """Raise :class:`ParameterError` where a part or component is named of what follows a law."""
        if isinstance(value, Tree) and (self.part or self.component is not None):
            raise self._refused("follows a law, which has no parts or components", got=value)

    def numbers(self, spec: Specification) -> tuple[Any, ...]:
        """Which of the numbers of a parameter it names."""
        if one := self.part or self.component:
            return (one,)
        parts = {"complex": ("real", "imag"), "angle": tuple(np.ndindex(3, 2))}
        return parts.get(spec.kind, ("",))

    def _refused(self, why: str, **fields: Any) -> ParameterError:
        return ParameterError(why, where=self.owner, field=self.field, **fields)

    def specification(self, spec: Specification) -> Specification:
        """What is declared of the part or component: one real number."""
        if self.component:
            return dataclasses.replace(spec, kind="real", optional=False, otherwise=None)
        if self.part:
            return dataclasses.replace(spec, kind="real", low=spec.low if self.part == "real" else None, optional=False)
        return spec

    def get(self, value: Any, spec: Specification) -> Any:
        """The part or component of a parameter's `value`."""
        self._check_number(value)
        if self.component is not None:
            return spec.number(value, {})[..., *self.component]
        return getattr(value, self.part) if self.part and value is not None else value

    def put(self, old: Any, value: Any, spec: Specification) -> Any:
        """The parameter's value with the part or component replaced."""
        self._check_number(old)
        if isinstance(value, Tree):  # a law
            return value
        if self.part:
            value, old = aligned(value, 0j if old is None else old)
            return value + 1j * old.imag if self.part == "real" else old.real + 1j * value
        if self.component:
            tensor = spec.number(old, {})
            xp = array_module(tensor, value)
            parts = [tensor[..., i, k] if (i, k) != self.component else xp.asarray(value) for i, k in np.ndindex(3, 2)]
            batch = np.broadcast_shapes(*map(np.shape, parts))
            return xp.stack([xp.broadcast_to(part, batch) for part in parts], -1).reshape(*batch, 3, 2)
        if spec.kind == "angle" and is_tensor(value):
            number = old is not None and not is_tensor(old) and not isinstance(old, Tree)
            if number and self.component is None and not isinstance(value, list | tuple):
                raise self._refused(
                    f"of shape {np.shape(value)}, which may be a batch of numbers or a tensor",
                    remedy=f"Write {self.path}[:,:] for a tensor; give a batch of numbers another shape, such as "
                    f"({np.size(value)},).",
                )
        elif self.component == ():
            raise self._refused(f"of shape {np.shape(value)}", got=value, allowed="a 3x2 tensor")
        return value
