"""The interface between two layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np

from spinstack.stack.collisions import conductance_constant
from spinstack.stack.described import Model, described
from spinstack.stack.element import Element
from spinstack.stack.parameters import BOLTZMANN, BOTH, DRIFT_DIFFUSION, Specification, is_open, parameter, same
from spinstack.text import hooks
from spinstack.text.checks import choice, number, switch
from spinstack.text.errors import NOTHING, ParameterError, Problems

#: own parameters that stay beside a scattering model
BESIDE_MODEL = ("reciprocal", "diffuse_fraction", "diffuse_fraction_down")
#: how conductances may be counted
_COUNTED = ("bare", "corrected")
#: what follows from probabilities
_OF_PROBABILITIES = {
    "conductances", "conductance_up", "conductance_down", "mixing_conductance", "mixing_conductance_upper",
    "transmitted_mixing_conductance",
}  # fmt: skip
#: the parameters of orbital moments
ORBITAL = (
    "orbital_conductance", "orbital_memory_loss", "orbital_rashba_edelstein", "orbital_spin_mixing_conductance",
)  # fmt: skip


@described
class Interface(Element):
    """An interface in magnetoelectronic circuit theory, with interface-generated spin currents.

    Fields ending in ``_upper`` hold for the upper face; left out, both faces are alike.

    Args:
        magnet: the name of the magnet whose m it has; left out, the one that it touches, of two the upper one.
        conductances: how they are counted. "bare": of electrons that arrive, between reservoirs, never above the
            Sharvin conductance, as scattering theory gives them; "corrected": without the Sharvin resistance of the
            metals, as a diffusion equation takes them and fits to it find them (Schep et al., Phys. Rev. B 56, 10805
            (1997)). Drift-diffusion takes what is not said to be bare, the Boltzmann equation asks for the word.
        scattering: a model such as :class:`spinstack.DeltaBarrier`; every coefficient then comes from it and none is
            given here but `reciprocal` and the diffuse fractions.
    """

    models: ClassVar[tuple[str, ...]] = ("scattering",)

    name: str = "Interface"
    magnet: str | None = None
    conductances: str | None = None
    scattering: Model | None = None

    conductance_up: float | None = parameter(
        "S/m^2", "G_up of the majority channel, j_up = G_up (mu_up drop); needed unless there is a scattering model",
        default=None, theories=BOTH, low=0, open_low=True,
    )  # fmt: skip
    conductance_down: float | None = parameter(
        "S/m^2", "G_down of the minority channel; needed unless there is a scattering model", default=None,
        theories=BOTH, low=0, open_low=True,
    )  # fmt: skip
    mixing_conductance: complex | None = parameter(
        "S/m^2",
        "G = Gr + i Gi: Q transverse into the magnet = Gr mu + Gi mu x m; "
        "default for G_up = G_down: spin of every direction passes alike", default=None, theories=BOTH,
        kind="complex", low=0, otherwise=0j,
    )  # fmt: skip
    mixing_conductance_upper: complex | None = parameter(
        "S/m^2", "mixing conductance seen from the upper face; default: the same", default=None,
        theories=BOTH, kind="complex", low=0, otherwise=lambda p: p["mixing_conductance"],
    )  # fmt: skip
    transmitted_mixing_conductance: complex | None = parameter(
        "S/m^2", "part of the transverse spin current that reaches the other side; default 0", default=None,
        theories=BOTH, kind="complex", otherwise=0j,
    )  # fmt: skip
    spin_memory_loss: float = parameter(
        "1", "delta of the spin-flipping slab that carries G_up and G_down; the flip probability is 1 - exp(-delta)",
        default=0.0, theories=BOTH, low=0,
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
        "1", "weight of the inverse of filtering, precession and both Rashba-Edelstein effects: 1 Onsager, 0 none",
        default=1.0, theories=DRIFT_DIFFUSION,
    )  # fmt: skip
    orbital_conductance: float | None = parameter(
        "S/m^2", "conductance of orbital moments, Q_l = G mu_l drop; needed where layers carry orbital moments",
        default=None, theories=DRIFT_DIFFUSION, low=0,
    )  # fmt: skip
    orbital_memory_loss: float | None = parameter(
        "1", "delta of the slab with that conductance in which orbital moments are lost; default 0",
        default=None, otherwise=0.0, theories=DRIFT_DIFFUSION, low=0,
    )  # fmt: skip
    orbital_rashba_edelstein: float | None = parameter(
        "S/m",
        "orbital moments along z x E generated in the interface plane per field, half leaving to either side; "
        "default 0",
        default=None, otherwise=0.0, theories=DRIFT_DIFFUSION,
    )  # fmt: skip
    orbital_spin_mixing_conductance: complex | None = parameter(
        "S/m^2",
        "G_os: spin current transverse to m, Re G_os mu_l + Im G_os mu_l x m of the drop mu_l, that the face away from "
        "the magnet absorbs beside that of the mixing conductance; default 0", default=None,
        theories=DRIFT_DIFFUSION, kind="complex", otherwise=0j,
    )  # fmt: skip
    diffuse_fraction: float | None = parameter(
        "1",
        "Boltzmann only: fraction of the electrons that the interface sends into random directions; default 0",
        default=None, theories=BOLTZMANN, counterpart="the coefficients that effective_interface finds", low=0, high=1,
        otherwise=0.0,
    )  # fmt: skip
    diffuse_fraction_down: float | None = parameter(
        "1",
        "Boltzmann only: that of the minority, where it differs from that of the majority, which is then "
        "diffuse_fraction; default: the same", default=None, theories=BOLTZMANN,
        counterpart="the coefficients that effective_interface finds", low=0, high=1,
        otherwise=lambda p: p["diffuse_fraction"],
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

    @classmethod
    def of_probabilities(
        cls,
        transmission_up: float,
        transmission_down: float | None = None,
        *,
        fermi_wavevector: float,
        reflected: complex | None = None,
        transmitted: complex = 0j,
        **fields: Any,
    ) -> Self:
        """An interface that electrons of every direction pass with the same probability, by its bare conductances.

        ``G = T G_S`` with the Sharvin conductance ``G_S = (e^2/h) k_F^2/4 pi`` of one spin.

        Args:
            transmission_up: T of the majority, 0 to 1, 0 excluded.
            transmission_down: that of the minority; left out, spins of every direction pass alike.
            fermi_wavevector: k_F of both metals [1/m].
            reflected: r_up r_down*, what reflection leaves of spin across m (the mixing conductance is 1 - it, times
                G_S); needed beside transmission_down. Its size is at most sqrt((1 - T_up)(1 - T_down)).
            transmitted: t_up t_down*, what transmission leaves of it, in size at most sqrt(T_up T_down).
            fields: other fields of the interface, such as `diffuse_fraction`.

        Raises :class:`ParameterError` for numbers that are no probabilities of a wave, or where one is missing.
        """
        where = f"{cls.__name__}.of_probabilities"
        sharvin = (
            conductance_constant(number(fermi_wavevector, "fermi_wavevector", low=0, open_low=True, where=where)) / 8
        )
        alike = transmission_down is None
        for name in _OF_PROBABILITIES & fields.keys():
            why = "which follows from the probabilities"
            raise ParameterError(why, where=where, field=name, got=fields[name], remedy="Leave it out.")
        for name, value in (("reflected", reflected), ("transmitted", transmitted)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float | complex)):
                raise ParameterError(where=where, field=name, got=value, allowed="a complex number")
        T = [
            number(value, name, low=0, high=1, open_low=True, where=where)
            for name, value in (
                ("transmission_up", transmission_up),
                ("transmission_down", transmission_up if alike else transmission_down),
            )
        ]
        if alike != (reflected is None) or (alike and transmitted != 0):
            raise ParameterError(
                "given for one kind of interface only" if alike else "missing beside transmission_down",
                where=where, field="reflected", got=reflected,
                remedy="Give transmission_down and reflected, or neither of them and not transmitted.",
            )  # fmt: skip
        mixing = {}
        if reflected is not None:
            bounds = {"reflected": ((1 - T[0]) * (1 - T[1])) ** 0.5, "transmitted": (T[0] * T[1]) ** 0.5}
            for name, value in (("reflected", reflected), ("transmitted", transmitted)):
                if not abs(complex(value)) <= bounds[name] * (1 + 1e-12):
                    allowed = f"complex numbers up to {bounds[name]:.6g} in size"
                    raise ParameterError(where=where, field=name, got=value, allowed=allowed)
            mixing["mixing_conductance"] = (1 - complex(reflected)) * sharvin
            mixing["transmitted_mixing_conductance"] = complex(transmitted) * sharvin
        up, down = (t * sharvin for t in T)
        return cls(conductance_up=up, conductance_down=down, conductances="bare", **mixing, **fields)

    def declared(self) -> dict[str, Specification]:
        """The declared parameters; with a scattering model its own, and the weight of the inverse."""
        declared = super().declared()
        if self.scattering is None:
            return declared
        own = self.specifications()
        return {name: spec for name, spec in declared.items() if name not in own or name in BESIDE_MODEL}

    def numbers(self, theory: str = "") -> dict[str, Any]:
        """The parameters as numbers; `magnetic` is 0 where spins of every direction pass alike."""
        p = super().numbers(theory)
        if self.orbital_conductance is None:
            for name in ORBITAL:
                p.pop(name, None)
        return p | {"magnetic": float(self.mixing_conductance is not None)} if "mixing_conductance" in p else p

    def may_refuse(self, theory: str) -> bool:
        return self.conductances is not None or super().may_refuse(theory)

    def unread(self, theory: str, where: str) -> Iterator[ParameterError]:
        """The complaints of `theory`, also about how conductances are counted."""
        yield from super().unread(theory, where)
        if self.scattering is not None:
            return
        if theory == "boltzmann" and self.conductances is None:
            why = (
                "missing: the Boltzmann equation needs to know whether the Sharvin resistance of the metals is in them"
            )
            remedy = (
                "Say so, or give a model, scattering=ss.DeltaBarrier(...); without an interface contact is perfect."
            )
            yield self.refused(
                "conductances", why, where=where, got=NOTHING, remedy=remedy,
                allowed='"bare" (between reservoirs, at most the Sharvin conductance) or "corrected" (without the '
                "Sharvin resistance, as for a diffusion equation)",
            )  # fmt: skip
        if theory == "drift_diffusion" and self.conductances == "bare":
            why = "with which a diffusion equation would count the Sharvin resistance of the metals once more"
            remedy = "Take interface.corrected(fermi_wavevector)."
            yield self.refused("conductances", why, where=where, allowed='"corrected"', remedy=remedy)

    def corrected(self, fermi_wavevector: float) -> Self:
        """The same interface with corrected conductances in the place of bare ones, for metals with this k_F [1/m].

        From 1/G of a spin goes 1/G_S with the Sharvin conductance ``G_S = (e^2/h) k_F^2/4 pi``, half of it for either
        side; from the matrix of both mixing conductances half of that for each face. Raises :class:`ParameterError`
        where the conductances are not said to be bare, or reach the Sharvin conductance.
        """
        if self.scattering is not None or self.conductances != "bare":
            raise self.refused("conductances", allowed='"bare"', remedy="Only bare conductances can be corrected.")
        sharvin = conductance_constant(number(fermi_wavevector, "fermi_wavevector", low=0, open_low=True)) / 8
        given = self.numbers()
        changes: dict[str, Any] = {}
        for name in ("conductance_up", "conductance_down"):
            left = 1 - np.asarray(given[name]) / sharvin
            if np.any(left <= 0):
                raise self.refused(name, allowed=f"below the Sharvin conductance {sharvin:.6g} S/m^2 of one spin")
            changes[name] = given[name] / left
        for field, allowed in uncarried(self, sharvin, given):
            raise self.refused(field, UNCARRIED, allowed=allowed)
        if self.mixing_conductance is not None:
            names = ("mixing_conductance", "mixing_conductance_upper", "transmitted_mixing_conductance")
            below, above, through = (np.asarray(given[name]) for name in names)
            c = -1 / (2 * sharvin)
            det = (1 + c * below) * (1 + c * above) - c * c * through * through
            found = (
                (below * (1 + c * above) - c * through**2) / det,
                (above * (1 + c * below) - c * through**2) / det,
                through / det,
            )
            changes |= {n: v[()] for n, v in zip(names, found, strict=True) if getattr(self, n) is not None}
        return self.replace(conductances="corrected", **changes)

    def _check_words(self) -> None:
        super()._check_words()
        if self.magnet is not None and not isinstance(self.magnet, str):
            raise self.refused("magnet", allowed="the name of a neighbouring magnet")
        if self.conductances is not None:
            choice(self.conductances, "conductances", _COUNTED, where=self._label())
            if self.scattering is not None:
                raise self.refused("conductances", "beside a scattering model, which fixes them", remedy="Give one.")
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
                elif name not in BESIDE_MODEL and not is_open(value) and not same(value, default):
                    raise self.refused(name, "beside a scattering model, which fixes it", remedy="Give one.")
        problems.end()
        if self.scattering is None:
            self._check_mixing()
            loss = self.spin_memory_loss
            if self.conductances == "bare" and not is_open(loss) and np.any(np.asarray(loss) != 0):
                why = "beside bare conductances; it is that of a slab of a diffusion equation"
                raise self.refused("spin_memory_loss", why, remedy='Give conductances that are "corrected".')

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


#: why a bare conductance is refused
UNCARRIED = "which no electrons of this Fermi sphere can carry"
#: part of the Sharvin conductance that is rounding
_ROUNDING = 1e-12


def uncarried(interface: Interface, sharvin: Any, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Bare conductances `given` beyond what electrons of a Fermi sphere can carry, each with what is allowed.

    sharvin: of one spin [S/m^2]. With transmissions T and reflections R of both spins a mixing conductance is at most
    sqrt(R_up R_down) of it away from it, one that is transmitted at most sqrt(T_up T_down) of it.
    """
    of_sphere = f"the Sharvin conductance {float(np.min(sharvin)):.6g} S/m^2 of one spin (fermi_wavevector)"
    passed = {field: np.asarray(given[field]) / sharvin for field in ("conductance_up", "conductance_down")}
    for field, T in passed.items():
        if np.any(T > 1 + _ROUNDING):
            yield field, f"bare conductances up to {of_sphere}"
    if interface.mixing_conductance is None:
        return
    up, down = (np.minimum(T, 1.0) for T in passed.values())
    away, most = np.sqrt((1 - up) * (1 - down)), np.sqrt(up * down)
    for field in ("mixing_conductance", "mixing_conductance_upper", "transmitted_mixing_conductance"):
        through = field.startswith("transmitted")
        reach = most if through else away
        if np.any(np.abs(np.asarray(given[field]) / sharvin - (not through)) > reach + _ROUNDING):
            size = f"{float(np.min(sharvin * reach)):.6g} S/m^2"
            of_face = f"complex numbers at most {size} away from {of_sphere}: sqrt(R_up R_down) of it"
            named = field if getattr(interface, field) is not None else "mixing_conductance"
            yield named, f"sizes up to {size}, sqrt(G_up G_down)" if through else of_face
