"""From fitted thicknesses to a sample file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import xarray as xr

from spinstack.measure.checks import positive
from spinstack.measure.measurement import MeasurementError
from spinstack.stack.ferromagnet import Ferromagnet
from spinstack.stack.film import Film
from spinstack.stack.interface import Interface
from spinstack.stack.metal import Metal


def to_sample(
    found: xr.Dataset,
    a: Metal | Ferromagnet,
    b: Metal | Ferromagnet,
    *,
    interface: Interface | None = None,
    transport: xr.Dataset | None = None,
    title: str | None = None,
) -> str:
    """Text of a sample file of [a/b]_repeats with the thicknesses that reflectivity or diffraction found.

    Errors of the fit, and roughness, for which a sample file has no field, are written as comments.
    Raises :class:`MeasurementError` where `found` is no such result or a layer has no thickness.

    Parameters
    ----------
    found
        Result of :func:`fit_reflectivity` or :func:`fit_diffraction`.
    a, b
        The layers, ``a`` the lower one, with their other parameters; their thicknesses are replaced.
    interface
        What lies between any two layers, if contact is not perfect.
    transport
        Result of :func:`parallel_layers` or :func:`layer_anomalous_hall`, whose conductivities replace those of a, b.
    title
        Title of the file.
    """
    from spinstack.samples.writer import sample_text

    layers: list[Any] = []
    for key, layer in (("a", a), ("b", b)):
        if not isinstance(layer, Metal | Ferromagnet):
            raise MeasurementError(field=key, got=layer, allowed="a Metal or a Ferromagnet")
        if f"thickness_{key}" not in found.attrs or "repeats" not in found.attrs:
            raise MeasurementError("is no result of fit_reflectivity or fit_diffraction", field="found")
        changes: dict[str, Any] = {"thickness": float(found.attrs[f"thickness_{key}"])}
        if transport is not None:
            if f"conductivity_{key}" not in transport["parameter"].values:
                why = "is no result of parallel_layers or layer_anomalous_hall"
                raise MeasurementError(why, field="transport")
            name, value = f"conductivity_{key}", float(transport["value"].sel(parameter=f"conductivity_{key}"))
            changes["conductivity"] = positive(value, name, unit="S/m", where="transport")
        layers.append(replace(layer, **changes))
    pair = layers if interface is None else [layers[0], interface, layers[1], interface]
    elements = pair * int(found.attrs["repeats"])
    if interface is not None:
        elements = elements[:-1]
    comments = [f"# From {found.attrs.get('method', 'a fit')}, value and standard error:"]
    for source in (found, transport):
        if source is None:
            continue
        for name in source["parameter"].values:
            row = source.sel(parameter=name)
            unit = str(row["unit"].item())
            comments.append(f"#   {name} = {row['value'].item():.6g} +- {row['error'].item():.2g} {unit}")
    return "\n".join(comments) + "\n" + sample_text(Film(tuple(elements)), title)
