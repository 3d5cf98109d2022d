"""What one interface does to an electron: conductance, conductivity, torkance, torkivity and accumulation tensors."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from spinstack.scattering.delta_barrier import DeltaBarrier

if TYPE_CHECKING:
    from spinstack.scattering.evaluate import Tensors

# these import JAX
_HOME = {"Tensors": "evaluate"}

__all__ = ["DeltaBarrier", "Tensors"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
