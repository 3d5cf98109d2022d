"""What a parameter of an element is: its unit, its meaning, which theories read it, what is allowed.

Every parameter of every element is declared once, with :func:`parameter`. Construction checks, the sample-file
reader, the materials library, the solvers, ``spinstack show`` and the reference pages all read that declaration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import aligned, array_module, is_traced
from spinstack.stack.trees import Tree
from spinstack.text.arrays import read
from spinstack.text.checks import range_words
from spinstack.text.errors import ParameterError

#: the theories by their word in a declaration, and what messages call them
THEORIES = {"drift_diffusion": "drift-diffusion", "boltzmann": "the Boltzmann equation"}
DRIFT_DIFFUSION, BOLTZMANN = ("drift_diffusion",), ("boltzmann",)
BOTH = DRIFT_DIFFUSION + BOLTZMANN


@dataclass(frozen=True)
class Specification:
    """The declaration of one parameter: unit, meaning, who reads it, admissible range."""

    unit: str
    doc: str
    theories: tuple[str, ...] = ()  # those that read it; of a model () means those that read the model
    counterpart: str = ""  # what the other theories take in its place, so that they may pass it over
    acts_in: str = ""  # the condition without which it does nothing; who refuses that may pass it over, too
    # "real", "complex" (real part bounded below by `low`), "angle" (a number or a 3x2 tensor); of laws also "table"
    # (numbers along the last axis) and "either" (real or complex, as it is given)
    kind: str = "real"
    low: float | None = None
    high: float | None = None
    open_low: bool = False  # the bound itself is excluded
    open_high: bool = False
    infinite: bool = False  # +inf is meaningful ("this process is absent")
    optional: bool = False  # None is allowed
    otherwise: Any = None  # what None stands for: a value, or a function of the parameters declared before
    follows: str = ""  # None is allowed where it follows from these other parameters
    plus: Any = None  # of an angle, what is added to it: a function of the parameters declared before
    material: bool = True  # a property of the material, which the library may know
    law: bool = True  # may follow a law

    def allowed(self) -> str:
        """The admissible range in words."""
        words = range_words(self.low, self.high, open_low=self.open_low, open_high=self.open_high)
        if self.kind == "complex":
            words = f"a complex number whose real part is {words}" if words else "any complex number"
        if self.kind == "angle":
            words = "a number, or a 3x2 tensor [spin x, y, z][field x, y]"
        if self.kind == "table":
            words = f"several numbers, each {words}" if words else "several finite numbers"
        words = words or "any finite number"
        if self.infinite:
            words += "; inf switches the process off"
        if self.follows:
            words += f"; leave it out where it follows from {self.follows}"
        elif self.optional:
            words += "; leave it out for the default"
        return words

    def role(self, theory: str) -> str:
        """What it is to `theory`: "read"; "other words", it takes the counterpart; "no effect", it refuses the
        condition without which the parameter does nothing; or "refused"."""
        if theory in self.theories:
            return "read"
        return "other words" if self.counterpart else "no effect" if self.acts_in else "refused"

    def number(self, value: Any, before: Mapping[str, Any]) -> Any:
        """`value` as a theory takes it: what was left out follows from those `before`, an angle is a tensor."""
        if value is None:
            value = self.otherwise(before) if callable(self.otherwise) else self.otherwise
        return tensor(value) if self.kind == "angle" else value

    def whole(self, value: Any, before: Mapping[str, Any]) -> Any:
        """:meth:`number`, with what those `before` add to it."""
        number, more = self.number(value, before), 0.0 if self.plus is None else self.plus(before)
        if type(more) is float and more == 0:
            return number
        number, more = aligned(number, tensor(more))
        return number + more

    def batch(self, value: Any) -> tuple[int, ...]:
        """Shape of the batch that `value` stands for; () for a single number or tensor."""
        if self.kind == "table":
            return np.shape(value)[:-1]
        return np.shape(value)[:-2] if self.kind == "angle" and is_tensor(value) else np.shape(value)


def is_tensor(value: Any) -> bool:
    """Whether the value of an angle is a tensor (..., 3, 2) [spin, field] and not a number or a batch of numbers."""
    return np.shape(value)[-2:] == (3, 2)


def is_open(value: Any) -> bool:
    """Whether `value` is no number yet: it follows a law, or is abstract inside a JAX transformation."""
    return isinstance(value, Tree) or is_traced(value)


def tensor(value: Any, number: bool = False) -> Any:
    """An angle as a tensor; with `number` it is a batch of numbers whatever its shape."""
    if is_tensor(value) and not number:
        return value
    if isinstance(value, np.ndarray) and value.ndim == 1:
        # the batch last in memory, as films are solved
        turned = np.zeros((3, 2, len(value)))
        turned[1, 0] = value
        np.negative(value, out=turned[0, 1])
        return np.moveaxis(turned, -1, 0)
    theta = array_module(value).asarray(value)[..., None, None]
    return theta * np.array([[0.0, -1.0], [1.0, 0.0], [0.0, 0.0]]).reshape(*(1,) * (theta.ndim - 2), 3, 2)


def parameter(
    unit: str,
    doc: str,
    *,
    default: Any = dataclasses.MISSING,
    theories: tuple[str, ...] = (),
    after: str = "",
    **specification: Any,
) -> Any:
    """A dataclass field that carries its :class:`Specification`.

    Args:
        unit: SI unit; "1" is dimensionless.
        doc: the meaning in words.
        default: where there is none, the parameter is required; None: it may be left out.
        theories: the keys of THEORIES that read it. An element cannot declare a parameter that none reads.
        after: the inherited parameter behind which this one, and what is declared after it, stands in every list.
        specification: the other fields of :class:`Specification`.
    """
    unknown = [theory for theory in theories if theory not in THEORIES]
    if unknown:
        raise TypeError(f"theories: got {unknown[0]!r}. Allowed: {', '.join(THEORIES)}.")
    spec = Specification(unit, doc, theories, optional=default is None, **specification)
    metadata = {"specification": spec, "after": after}
    if spec.follows:  # needed, unless it follows: no default, but not missed by the constructor either
        return dataclasses.field(default_factory=lambda: None, metadata=metadata, kw_only=True)
    return dataclasses.field(default=default, metadata=metadata, kw_only=True)


def reworded(kind: type, name: str, doc: str) -> Any:
    """The parameter `name` that `kind` declares, in other words."""
    field = kind.__dataclass_fields__[name]  # type: ignore[attr-defined]
    spec = dataclasses.replace(field.metadata["specification"], doc=doc)
    missing = {"default_factory": field.default_factory} if spec.follows else {"default": field.default}
    return dataclasses.field(**missing, metadata={**field.metadata, "specification": spec}, kw_only=True)


def checked(owner: str, name: str, value: Any, spec: Specification) -> Any:
    """`value` as float, complex or float array; raises :class:`ParameterError` when it is not allowed."""

    def refused(why: str) -> ParameterError:
        return ParameterError(why, where=owner, field=name, unit=spec.unit, got=value, allowed=spec.allowed())

    if value is None:
        if spec.optional or spec.follows:
            return None
        raise refused("but a value is needed")
    if is_traced(value):
        return value
    if isinstance(value, str):
        raise refused('which is text; numbers here are SI (write 5e-9 for "5 nm"), unit strings belong in sample files')
    array = read(value, spec.unit, imaginary=spec.kind in ("complex", "table", "either"))
    if isinstance(array, str):
        raise refused(array)
    if array.size == 0:
        raise refused("which is empty")
    real = array.real
    if np.isnan(real).any() or np.isnan(array.imag).any():
        raise refused("which is not a number (NaN)")
    infinite = np.isinf(real) | np.isinf(array.imag)
    if infinite.any() and not (spec.infinite and (real[infinite] > 0).all()):
        raise refused("which is infinite")
    if spec.low is not None and ((real < spec.low) | ((real == spec.low) & spec.open_low)).any():
        raise refused("which is too small")
    if spec.high is not None and ((real > spec.high) | ((real == spec.high) & spec.open_high)).any():
        raise refused("which is too large")
    if spec.kind == "angle" and array.ndim >= 2 and isinstance(value, list | tuple) and not is_tensor(array):
        raise refused(f"of shape {array.shape}")  # a nested list is a tensor, as sample files write it
    if spec.kind == "table":
        if array.ndim == 0:
            raise refused("one number")
        array = array if array.imag.any() else array.real.copy()
    if spec.kind == "either" and not np.iscomplexobj(value):
        array = array.real.copy()
    if array.ndim == 0:
        if spec.kind == "either":
            return array.item()
        return complex(array) if spec.kind == "complex" else float(array)
    if type(value).__module__.startswith("jax"):
        return value
    array.setflags(write=False)
    return array


def same(a: Any, b: Any) -> bool:
    """Equality of two parameter values; arrays compare element by element, NaN and tracers never equal."""
    if a is None or b is None:
        return a is b
    if is_open(a) or is_open(b):
        return a is b or (isinstance(a, Tree) and a == b)
    x, y = np.asarray(a), np.asarray(b)
    return x.shape == y.shape and bool((x == y).all())
