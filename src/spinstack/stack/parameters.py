"""What a parameter of an element is: its unit, its meaning, what is allowed, and how it is checked.

Every parameter of every element is declared once, with :func:`parameter`. Construction checks, the
sample-file reader, ``spinstack show`` and the reference page all read that declaration.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.text.checks import range_words
from spinstack.text.errors import ParameterError


@dataclass(frozen=True)
class Specification:
    """The declaration of one parameter: unit, meaning and admissible range."""

    unit: str
    doc: str
    kind: str = "real"  # "real", "complex" (real part bounded below by `low`) or "angle" (a number or a 3x2 tensor)
    low: float | None = None
    high: float | None = None
    open_low: bool = False  # the bound itself is excluded
    open_high: bool = False
    infinite: bool = False  # +inf is meaningful ("this process is absent")
    optional: bool = False  # None is allowed

    def allowed(self) -> str:
        """The admissible range in words."""
        words = range_words(self.low, self.high, open_low=self.open_low, open_high=self.open_high)
        if self.kind == "complex":
            words = f"a complex number whose real part is {words}" if words else "any complex number"
        if self.kind == "angle":
            words = "a number, or a 3x2 tensor [spin x, y, z][field x, y]"
        words = words or "any finite number"
        if self.infinite:
            words += "; inf switches the process off"
        if self.optional:
            words += "; leave it out for the default"
        return words


def parameter(unit: str, doc: str, *, default: Any = dataclasses.MISSING, **specification: Any) -> Any:
    """A dataclass field that carries its :class:`Specification`; `unit` "1" is dimensionless."""
    spec = Specification(unit=unit, doc=doc, optional=default is None, **specification)
    return dataclasses.field(default=default, metadata={"specification": spec}, kw_only=True)


def _refuse(owner: str, name: str, value: Any, spec: Specification, why: str) -> ParameterError:
    return ParameterError(why, where=owner, field=name, unit=spec.unit, got=value, allowed=spec.allowed())


def checked(owner: str, name: str, value: Any, spec: Specification) -> Any:
    """`value` as float, complex or float array; raises :class:`ParameterError` when it is not allowed."""
    if value is None:
        if spec.optional:
            return None
        raise _refuse(owner, name, value, spec, "but a value is needed")
    if is_traced(value):
        return value
    if isinstance(value, str):
        raise _refuse(
            owner,
            name,
            value,
            spec,
            'which is text; numbers here are SI (write 5e-9 for "5 nm"), unit strings belong in sample files',
        )
    if isinstance(value, bool):
        raise _refuse(owner, name, value, spec, "which is a truth value, not a number")
    try:
        array = np.asarray(value)
        array = array.astype(complex if spec.kind == "complex" else float, casting="same_kind")
    except (TypeError, ValueError):
        raise _refuse(owner, name, value, spec, f"which is not {_expected(spec)}") from None
    if array.size == 0:
        raise _refuse(owner, name, value, spec, "which is empty")
    real = array.real
    if np.isnan(real).any() or np.isnan(array.imag).any():
        raise _refuse(owner, name, value, spec, "which is not a number (NaN)")
    infinite = np.isinf(real) | np.isinf(array.imag)
    if infinite.any() and not (spec.infinite and (real[infinite] > 0).all()):
        raise _refuse(owner, name, value, spec, "which is infinite")
    if spec.low is not None and ((real < spec.low) | ((real == spec.low) & spec.open_low)).any():
        raise _refuse(owner, name, value, spec, "which is too small")
    if spec.high is not None and ((real > spec.high) | ((real == spec.high) & spec.open_high)).any():
        raise _refuse(owner, name, value, spec, "which is too large")
    if spec.kind == "angle" and array.ndim >= 2 and array.shape[-2:] != (3, 2):
        raise _refuse(owner, name, value, spec, f"of shape {array.shape}")
    if array.ndim == 0:
        return complex(array) if spec.kind == "complex" else float(array)
    if type(value).__module__.startswith("jax"):
        return value
    array.setflags(write=False)
    return array


def _expected(spec: Specification) -> str:
    return "a number" if spec.kind != "real" else "a real number"


def same(a: Any, b: Any) -> bool:
    """Equality of two parameter values; arrays compare element by element, NaN and tracers never equal."""
    if a is None or b is None:
        return a is b
    if is_traced(a) or is_traced(b):
        return a is b
    x, y = np.asarray(a), np.asarray(b)
    return x.shape == y.shape and bool((x == y).all())
