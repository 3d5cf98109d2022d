"""The Fermi spheres of a film, and whether its layers say the same of themselves to both theories."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.scattering.model import scattering_model
from spinstack.stack.collisions import collisions, has_path
from spinstack.stack.film import Film
from spinstack.stack.layer import Layer
from spinstack.text.errors import NOTHING, ParameterError

#: k_F [1/m] where neither a scattering model nor a layer gives one
FERMI_WAVEVECTOR = 1.36e10
#: relative difference of two Fermi wave vectors that is rounding
_SAME = 1e-9
#: relative difference of two numbers for the same thing from which they are said to disagree
_APART = 0.01


class DisagreementWarning(UserWarning):
    """What a layer gives for diffusion and what it gives for the Boltzmann equation are not the same layer."""


def given_wavevectors(film: Film) -> dict[tuple[int, str], Any]:
    """Every k_F [1/m] that a film gives, by position of the element and name of the parameter."""
    given: dict[tuple[int, str], Any] = {}
    for i, element in enumerate(film.elements):
        if (model := scattering_model(element)) is not None:
            given[i, "scattering.fermi_wavevector"] = model.fermi_wavevector
        elif (value := getattr(element, "fermi_wavevector", None)) is not None:
            given[i, "fermi_wavevector"] = value
    return given


def fermi_wavevector(film: Film) -> float:
    """The one k_F [1/m] of a film; raises ParameterError where there are several."""
    spheres = fermi_spheres(film)
    found = {k for k, splitting in spheres.values()}
    if len(found) > 1 or any(splitting != 0 for _, splitting in spheres.values()):
        labels = film.labels()
        raise ParameterError(
            "which differ",
            field="fermi_wavevector",
            unit="1/m",
            got={labels[i]: k if splitting == 0 else (k, splitting) for i, (k, splitting) in spheres.items()},
            allowed="one Fermi sphere for the whole film, where this is asked",
            remedy="Give one value.",
        )
    return found.pop() if found else FERMI_WAVEVECTOR


def fermi_spheres(film: Film) -> dict[int, tuple[float, float]]:
    """By position of every layer, k_F [1/m] and its splitting (k_up - k_down)/(k_up + k_down).

    A layer says it itself, or the scattering models beside it do; where the film knows only one, others have that one.
    Raises ParameterError where two say different things, and where several are known but that of a layer is not.
    """
    labels = film.labels()
    layers = [i for i, element in enumerate(film.elements) if isinstance(element, Layer)]
    said: dict[int, dict[str, tuple[Any, Any]]] = {i: {} for i in layers}
    for i, element in enumerate(film.elements):
        if (model := scattering_model(element)) is not None:
            for at, sphere in zip((i - 1, i + 1), model.spheres(), strict=True):
                up, down = (model.fermi_wavevector * r for r in sphere)
                splitting = (up - down) / (up + down) if model.differs() else None
                if at in said:
                    said[at][labels[i]] = ((up + down) / 2, splitting)
        elif i in said:
            k, splitting = (getattr(element, name, None) for name in ("fermi_wavevector", "fermi_splitting"))
            if k is not None or splitting is not None:
                said[i][labels[i]] = (k, splitting)
    wave = {i: _agreed(said[i], 0, labels[i], "fermi_wavevector") for i in layers}
    split = {i: _agreed(said[i], 1, labels[i], "fermi_splitting") for i in layers}
    # an interface that scatters alike has one sphere for both spins of either side
    for i in layers:
        alike = [name for name, (_, splitting) in said[i].items() if splitting is None and name != labels[i]]
        if split[i] and alike:
            why = f"beside {alike[0]}, whose scattering model has one sphere for both spins"
            remedy = f"Give it a splitting, as ss.Barrier takes it, or leave fermi_splitting of {labels[i]} out."
            raise ParameterError(why, where=labels[i], field="fermi_splitting", got=split[i], path=(i,), remedy=remedy)
    known = {k for k in wave.values() if k is not None}
    if len(known) > 1 and (missing := [i for i in layers if wave[i] is None]):
        why = "missing; the film has several Fermi spheres, "
        why += ", ".join(f"{labels[i]} {k:.6g}" for i, k in wave.items() if k is not None)
        raise ParameterError(why, where=labels[missing[0]], field="fermi_wavevector", unit="1/m", path=(missing[0],),
                             got=NOTHING, remedy="Give that of every layer.")  # fmt: skip
    one = next(iter(known), FERMI_WAVEVECTOR)
    return {i: (wave[i] or one, split[i] or 0.0) for i in layers}


def _agreed(said: Mapping[str, tuple[Any, Any]], which: int, where: str, field: str) -> float | None:
    """What all say of one number of a layer."""
    found = {name: float(pair[which]) for name, pair in said.items() if pair[which] is not None}
    values = list(found.values())
    if any(abs(v - values[0]) > _SAME * max(abs(v), abs(values[0])) for v in values):
        unit = "1/m" if field == "fermi_wavevector" else "1"
        why = "which differ between a layer and the scattering models beside it"
        remedy = (
            "Give one value, or an ss.Barrier, whose two sides may have spheres of their own. The sphere of "
            "ScatteringData is that of its weights: scale them so that they add up to pi k_F^2."
        )
        raise ParameterError(why, where=where, field=field, unit=unit, got=found, remedy=remedy)
    return values[0] if values else None


def disagreements(film: Film) -> Iterator[str]:
    """Sentences about layers whose mean free paths do not belong to their numbers for diffusion."""
    for i, (label, layer) in enumerate(zip(film.labels(), film.elements, strict=True)):
        if not isinstance(layer, Layer):
            continue
        own = {name: value for name, value in layer.parameters.items() if value is not None}
        lengths = [name for name in own if name.startswith("mean_free_path") or name == "spin_flip_length"]
        asked = {"conductivity", "polarization"} & own.keys() if has_path(own) else set()
        # without spin flips any length far beyond the film will do for diffusion, which needs one that is finite
        flips = "spin_flip_length" in own and np.isfinite(own["spin_flip_length"]).all()
        asked |= {"spin_diffusion_length"} & own.keys() if flips else set()
        if not asked or any(is_traced(value) for value in own.values()):
            continue
        try:
            kF, splitting = fermi_spheres(film)[i]
        except ParameterError:
            continue
        kF = own.get("fermi_wavevector", kF)
        rates = collisions(layer.numbers() | {"fermi_splitting": splitting}, kF)
        means = {"conductivity": rates.conductivity(kF), "polarization": rates.polarization,
                 "spin_diffusion_length": rates.spin_diffusion_length}  # fmt: skip
        for name in (name for name in means if name in asked):
            said, follows = (np.ravel(a) for a in np.broadcast_arrays(own[name], means[name]))
            agree = (said == follows) | np.isclose(said, follows, rtol=_APART, atol=_APART * (name == "polarization"))
            if not agree.all():
                at, unit = int(np.argmin(agree)), layer.specifications()[name].unit.replace("1", "").strip()
                yield (
                    f"{label}.{name} is {said[at]:.4g} {unit}, for drift-diffusion; {' and '.join(lengths)} make it "
                    f"{follows[at]:.4g} {unit}, for the Boltzmann equation. Give numbers that agree; conductivity and "
                    "spin_diffusion_length may be left out beside mean_free_path, spin_flip_length, fermi_wavevector."
                )


def warn_of_disagreements(film: Film, stacklevel: int) -> None:
    """A warning for every sentence of :func:`disagreements`."""
    for sentence in disagreements(film):
        warnings.warn(sentence, DisagreementWarning, stacklevel=stacklevel)
