"""The one Fermi sphere of a film, and whether its layers say the same of themselves to both theories."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from spinstack.numerics.arrays import is_traced
from spinstack.scattering.model import scattering_model
from spinstack.stack.collisions import collisions, has_path
from spinstack.stack.film import Film
from spinstack.stack.layer import Layer
from spinstack.text.errors import ParameterError

#: k_F [1/m] where neither a scattering model nor a layer gives one
FERMI_WAVEVECTOR = 1.36e10
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
    """The one k_F [1/m] of a film; raises ParameterError where elements disagree."""
    labels = film.labels()
    given = {labels[i]: float(value) for (i, _), value in given_wavevectors(film).items()}
    if len(set(given.values())) > 1:
        raise ParameterError(
            "which differ; the Boltzmann equation has one Fermi sphere here",
            field="fermi_wavevector",
            unit="1/m",
            got=given,
            remedy="Give one value.",
        )
    return next(iter(given.values()), FERMI_WAVEVECTOR)


def disagreements(film: Film) -> Iterator[str]:
    """Sentences about layers whose mean free paths do not belong to their numbers for diffusion."""
    for label, layer in zip(film.labels(), film.elements, strict=True):
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
            kF = own.get("fermi_wavevector", fermi_wavevector(film))
        except ParameterError:
            continue
        rates = collisions(layer.numbers(), kF)
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
