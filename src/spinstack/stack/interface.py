"""The interface between two layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np

from spinstack.stack.described import Model, described
from spinstack.stack.element import Element
from spinstack.stack.parameters import BOLTZMANN, DRIFT_DIFFUSION, THEORIES, Specification, is_open, parameter, same
from spinstack.text import hooks
from spinstack.text.checks import switch
from spinstack.text.errors import NOTHING, ParameterError, Problems

#: own parameters that stay beside a scattering model
_BESIDE_MODEL = ("reciprocal", "diffuse_fraction")


@described
class Interface(Element):
    """An interface in magnetoelectronic circuit theory, with interface-generated spin currents.

    Fields ending in ``_upper`` hold for the upper face; left out, both faces are alike.

    Args:
        magnet: the name of the magnet whose m it has; left out, the one that it touches, of two the upper one.
        scattering: a model such as :class:`spinstack.DeltaBarrier`; every coefficient then comes from it and none is
            given here but `reciprocal` and `diffuse_fraction`.
    """

    models: ClassVar[tuple[str, ...]] = ("scattering",)

    name: str = "Interface"
    magnet: str | None = None
    scattering: Model | None = None

    conductance_up: float | None = parameter(
        "S/m^2", "G_up of the majority channel, j_up = G_up (mu_up drop); needed unless there is a scattering model",
        default=None, theories=DRIFT_DIFFUSION, low=0, open_low=True,
    )  # fmt: skip
    conductance_down: float | None = parameter(
        "S/m^2", "G_down of the minority channel; needed unless there is a scattering model", default=None,
        theories=DRIFT_DIFFUSION, low=0, open_low=True,
    )  # fmt: skip
    mixing_conductance: complex | None = parameter(
        "S/m^2",
        "G = Gr + i Gi: Q transverse into the magnet = Gr mu + Gi mu x m; "
        "default for G_up = G_down: spin of every direction passes alike", default=None, theories=DRIFT_DIFFUSION,
        kind="complex", low=0, otherwise=0j,
    )  # fmt: skip
    mixing_conductance_upper: complex | None = parameter(
        "S/m^2", "mixing conductance seen from the upper face; default: the same", default=None,
        theories=DRIFT_DIFFUSION, kind="complex", low=0, otherwise=lambda p: p["mixing_conductance"],
    )  # fmt: skip
    transmitted_mixing_conductance: complex | None = parameter(
        "S/m^2", "part of the transverse spin current that reaches the other side; default 0", default=None,
        theories=DRIFT_DIFFUSION, kind="complex", otherwise=0j,
    )  # fmt: skip
    spin_memory_loss: float = parameter(
        "1", "delta of the spin-flipping slab that carries G_up and G_down; the flip probability is 1 - exp(-delta)",
        default=0.0, theories=DRIFT_DIFFUSION, low=0,
    )  # fmt: skip
    filtering: float = parameter(
        "S/m", "interface-generated spin current along z x E per field", default=0.0, theories=DRIFT_DIFFUSION
    )
    filtering_upper: float | None = parameter(
        "S/m", "filtering at the upper face; default: the same", default=None, theories=DRIFT_DIFFUSION,
        otherwise=lambda p: p["filtering"],
    )  # fmt: skip
    precession: float = parameter(
        "S/m", "interface-generated spin current along m x (z x E) per field", default=0.0, theories=DRIFT_DIFFUSION
    )
    precession_upper: float | None = parameter(
        "S/m", "precession at the upper face; default: the same", default=None, theories=DRIFT_DIFFUSION,
        otherwise=lambda p: p["precession"],
    )  # fmt: skip
    rashba_edelstein: float = parameter(
        "S/m", "spin along z x E generated in the interface plane per field, half of it leaving to either side",
        default=0.0, theories=DRIFT_DIFFUSION,
    )  # fmt: skip
    sheet_conductance: float = parameter(
        "S", "in-plane sheet conductance of the interface itself", default=0.0, theories=DRIFT_DIFFUSION, low=0
    )
    reciprocal: float = parameter(
        "1", "weight of the inverse of filtering, precession and Rashba-Edelstein: 1 Onsager, 0 none", default=1.0,
        theories=DRIFT_DIFFUSION,
    )  # fmt: skip
    diffuse_fraction: float | None = parameter(
        "1",
        "Boltzmann only: fraction of the electrons that the interface with a scattering model sends into random "
        "directions; default 0", default=None, theories=BOLTZMANN,
        counterpart="the coefficients that effective_interface finds", low=0, high=1, otherwise=0.0,
    )  # fmt: skip

    @classmethod
    def of(cls, interface: str, *, any_temperature: bool = False, **changes: Any) -> Self:
        """The interface of a library entry, for example ``Interface.of("Co|Pt", mixing_conductance=1.2e15)``.

        Values come from :mod:`spinstack.interfaces` (each with its source); `changes` override single fields and supply
        what the library lacks. They hold at the temperature at which they were measured: a film with them is refused
        without a temperature, or at another one, unless `any_temperature` says that they are taken at any on purpose.
        Raises :class:`ParameterError` for an interface that is unknown, or lacks what is needed.
        """
        switch(any_temperature, "any_temperature", where="Interface.of")
        return cls(**{**hooks.interface_values(interface, changes, any_temperature), **changes})

    def declared(self) -> dict[str, Specification]:
        """The declared parameters; with a scattering model its own, and the weight of the inverse."""
        declared = super().declared()
        if self.scattering is None:
            return declared
        own = self.specifications()
        return {name: spec for name, spec in declared.items() if name not in own or name in _BESIDE_MODEL}

    def numbers(self, theory: str = "") -> dict[str, Any]:
        """The parameters as numbers; `magnetic` is 0 where spins of every direction pass alike."""
        p = super().numbers(theory)
        return p | {"magnetic": float(self.mixing_conductance is not None)} if "mixing_conductance" in p else p

    def unread(self, theory: str, where: str) -> Iterator[ParameterError]:
        """The complaints of `theory`; one that reads no conductances wants a model in their place."""
        if self.scattering is None and "conductance_up" in self.dropped_by(theory):
            why = f"missing; {THEORIES[theory]} needs to know what happens to every electron, not only conductances"
            remedy = "Give scattering=ss.DeltaBarrier(...), or leave the interface out for perfect contact."
            yield self.refused("scattering", why, where=where, got=NOTHING, remedy=remedy)
        else:
            yield from super().unread(theory, where)

    def _check_words(self) -> None:
        super()._check_words()
        if self.magnet is not None and not isinstance(self.magnet, str):
            raise self.refused("magnet", allowed="the name of a neighbouring magnet")
        if self.scattering is not None and getattr(self.scattering, "fills", "") != "scattering":
            raise self.refused("scattering", allowed="a scattering model, for example ss.DeltaBarrier(...)")

    def _check(self) -> None:
        problems = Problems()
        for name in self.specifications():
            value, default = getattr(self, name), self.__dataclass_fields__[name].default
            with problems:
                if self.scattering is None:
                    if value is None and name in ("conductance_up", "conductance_down"):
                        remedy = "Give conductance_up and conductance_down, or a scattering model."
                        raise self.refused(name, "missing", got=NOTHING, remedy=remedy)
                elif name not in _BESIDE_MODEL and not is_open(value) and not same(value, default):
                    raise self.refused(name, "beside a scattering model, which fixes it", remedy="Give one.")
        problems.end()
        if self.scattering is None:
            self._check_mixing()

    def _check_mixing(self) -> None:
        up, down, mixing = self.conductance_up, self.conductance_down, self.mixing_conductance
        upper, through = self.mixing_conductance_upper, self.transmitted_mixing_conductance
        if any(is_open(v) for v in (up, down, mixing, upper, through)):
            return
        if mixing is None:
            for name, value in (("mixing_conductance_upper", upper), ("transmitted_mixing_conductance", through)):
                if value is not None:
                    raise self.refused(name, "without a mixing_conductance", remedy="Give both.")
            if not np.all(np.asarray(up) == np.asarray(down)):
                why = (
                    f"missing, but conductance_up ({up!r}) and conductance_down ({down!r}) differ, so the interface is "
                )
                remedy = "Give mixing_conductance=Gr+1j*Gi, with Gr at least (G_up + G_down)/2."
                raise self.refused("mixing_conductance", f"{why}magnetic", got=NOTHING, remedy=remedy)
        elif through is not None:
            lower = np.asarray(mixing).real
            bound = np.sqrt(lower) * np.sqrt(lower if upper is None else np.asarray(upper).real)
            if (np.abs(np.asarray(through).real) > bound * (1 + 1e-12)).any():
                why = "more than enters: the interface would create spin"
                allowed = f"real part at most {np.max(bound):.6g} in size, the geometric mean of "
                allowed += "Re(mixing_conductance) of the two faces"
                raise self.refused("transmitted_mixing_conductance", why, allowed=allowed)
