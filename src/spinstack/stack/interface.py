"""The interface between two layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.stack.described import Model
from spinstack.stack.element import Element
from spinstack.stack.parameters import ParameterError, Specification, parameter, same

#: own parameters that stay beside a scattering model
_BESIDE_MODEL = ("reciprocal", "diffuse_fraction")


@dataclass(frozen=True, eq=False, repr=False)
class Interface(Element):
    """An interface in magnetoelectronic circuit theory, with interface-generated spin currents.

    Its m is that of the magnet it touches; where it touches two, of the upper one unless `magnet` names the other.
    Fields ending in ``_upper`` hold for the upper face; left out, both faces are alike. With `scattering`, a model such
    as :class:`spinstack.DeltaBarrier`, every coefficient comes from that model and none is given here but
    `reciprocal` and `diffuse_fraction`.
    """

    models: ClassVar[tuple[str, ...]] = ("scattering",)

    name: str = "Interface"
    magnet: str | None = None
    scattering: Model | None = None

    conductance_up: float | None = parameter(
        "S/m^2",
        "G_up of the majority channel, j_up = G_up (mu_up drop); needed unless there is a scattering model",
        default=None,
        low=0,
        open_low=True,
    )
    conductance_down: float | None = parameter(
        "S/m^2",
        "G_down of the minority channel; needed unless there is a scattering model",
        default=None,
        low=0,
        open_low=True,
    )
    mixing_conductance: complex | None = parameter(
        "S/m^2",
        "G = Gr + i Gi: Q transverse into the magnet = Gr mu + Gi mu x m; "
        "default for G_up = G_down: spin of every direction passes alike",
        default=None,
        kind="complex",
        low=0,
    )
    mixing_conductance_upper: complex | None = parameter(
        "S/m^2", "mixing conductance seen from the upper face; default: the same", default=None, kind="complex", low=0
    )
    transmitted_mixing_conductance: complex | None = parameter(
        "S/m^2",
        "part of the transverse spin current that reaches the other side; default 0",
        default=None,
        kind="complex",
    )
    spin_memory_loss: float = parameter(
        "1", "delta of the spin-flipping slab that carries G_up and G_down; the flip probability is 1 - exp(-delta)",
        default=0.0, low=0,
    )  # fmt: skip
    filtering: float = parameter("S/m", "interface-generated spin current along z x E per field", default=0.0)
    filtering_upper: float | None = parameter("S/m", "filtering at the upper face; default: the same", default=None)
    precession: float = parameter("S/m", "interface-generated spin current along m x (z x E) per field", default=0.0)
    precession_upper: float | None = parameter("S/m", "precession at the upper face; default: the same", default=None)
    rashba_edelstein: float = parameter(
        "S/m",
        "spin along z x E generated in the interface plane per field, half of it leaving to either side",
        default=0.0,
    )
    sheet_conductance: float = parameter("S", "in-plane sheet conductance of the interface itself", default=0.0, low=0)
    reciprocal: float = parameter(
        "1", "weight of the inverse of filtering, precession and Rashba-Edelstein: 1 Onsager, 0 none", default=1.0
    )
    diffuse_fraction: float | None = parameter(
        "1",
        "Boltzmann only: fraction of the electrons that the interface with a scattering model sends into random "
        "directions; default 0",
        default=None,
        low=0,
        high=1,
    )

    def declared(self) -> dict[str, Specification]:
        """The declared parameters; with a scattering model its own, and the weight of the inverse."""
        declared = super().declared()
        if self.scattering is None:
            return declared
        own = self.specifications()
        return {name: spec for name, spec in declared.items() if name not in own or name in _BESIDE_MODEL}

    def _check(self, label: str) -> None:
        if self.magnet is not None and not isinstance(self.magnet, str):
            raise ParameterError(f"{label}.magnet: got {self.magnet!r}. Allowed: the name of a neighbouring magnet.")
        if self.scattering is not None:
            self._check_scattering(label, self.scattering)
            return
        for name in ("conductance_up", "conductance_down"):
            if getattr(self, name) is None:
                raise ParameterError(
                    f"{label}.{name} [S/m^2]: missing. Give conductance_up and conductance_down, or a scattering model."
                )
        up, down, mixing = self.conductance_up, self.conductance_down, self.mixing_conductance
        upper, through = self.mixing_conductance_upper, self.transmitted_mixing_conductance
        if any(is_traced(v) for v in (up, down, mixing, upper, through)):
            return
        if mixing is None:
            for other, value in (("mixing_conductance_upper", upper), ("transmitted_mixing_conductance", through)):
                if value is not None:
                    raise ParameterError(f"{label}.{other}: got {value!r} without a mixing_conductance. Give both.")
            if not np.all(np.asarray(up) == np.asarray(down)):
                raise ParameterError(
                    f"{label}.mixing_conductance: missing, but conductance_up ({up!r}) and conductance_down ({down!r}) "
                    "[S/m^2] differ, so the interface is magnetic. Give mixing_conductance=Gr+1j*Gi, "
                    "with Gr at least (G_up + G_down)/2."
                )
        elif through is not None:
            lower = np.asarray(mixing).real
            bound = np.sqrt(lower) * np.sqrt(lower if upper is None else np.asarray(upper).real)
            if (np.abs(np.asarray(through).real) > bound * (1 + 1e-12)).any():
                raise ParameterError(
                    f"{label}.transmitted_mixing_conductance: got {through!r} S/m^2, more than enters: the interface "
                    f"would create spin. Allowed: real part at most {np.max(bound):.6g} in size, the geometric mean of "
                    "Re(mixing_conductance) of the two faces."
                )

    def _check_scattering(self, label: str, model: Any) -> None:
        if not isinstance(model, Model) or model.fills != "scattering":
            allowed = "a scattering model, for example ss.DeltaBarrier(...)"
            raise ParameterError(where=label, field="scattering", got=model, allowed=allowed)
        for name, spec in self.specifications().items():
            value = getattr(self, name)
            if (
                name not in _BESIDE_MODEL
                and not is_traced(value)
                and not same(value, self.__dataclass_fields__[name].default)
            ):
                raise ParameterError(
                    f"{label}.{name} [{spec.unit}]: got {value!r} beside a scattering model, which fixes it. Give one."
                )
