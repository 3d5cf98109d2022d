"""The conductances of a magnetic insulator's face against field and temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spinstack.insulator.magnet import Magnet, magnet_model
from spinstack.observables.paths import temperatures
from spinstack.observables.provenance import version
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import scalar

if TYPE_CHECKING:
    import xarray


def face_conductances(film: Film | Magnet, B: Any, T: Any, insulator: str | None = None) -> xarray.Dataset:
    """Conductances of the face of a magnet model, against field along its order and temperature.

    ``Q into it = G_s mu + G_r mu_perp + G_i mu x m``. `G_flip` = G_s/2 is the spin-flip part and `G_dephasing` =
    G_r + G_s/2 the dephasing part of the transverse loss (Zhang, Bergeret, Golovach 2019, with their -G_s).

    Args:
        film: a magnet such as :class:`spinstack.WeissMagnet`, or a film with one.
        B: field along the order [T], signed; several (n,) give a dimension `field`. Of an antiferromagnet: across it.
        T: temperature [K]; several (k,) give a dimension `temperature`.
        insulator: name of the insulator, where the film has several.

    Returns:
        Dataset over (temperature, field): G_s, G_r, G_i, G_flip, G_dephasing [S/m^2] and the ordered spin per moment,
        `order` (`order_a`, `order_b` of two sublattices); attribute G0_S_per_m2.
    """
    import xarray

    magnet = _magnet(film, insulator)
    field = scalar(B, "B", "one field in tesla, or several")
    kelvin, several = temperatures(T)
    if kelvin is None:
        raise ParameterError("T: missing. Give the temperature in kelvin.")
    if field.ndim > 1 or any(np.ndim(v) for v in magnet.columns().values()):
        raise ParameterError("face_conductances: got a batch. Allowed: one magnet, one field or several (n,).")
    at = np.atleast_1d(field), kelvin[:, None]
    sink, mixing = magnet.conductances(*at)
    parts = {
        "G_s": (sink, "spin sink conductance"),
        "G_r": (mixing.real, "real part of the mixing conductance"),
        "G_i": (mixing.imag, "imaginary part of the mixing conductance"),
        "G_flip": (sink / 2, "spin-flip part G_s/2"),
        "G_dephasing": (mixing.real + sink / 2, "dephasing part G_r + G_s/2"),
    }
    dims = ("temperature", "field")
    shape = (len(kelvin), at[0].size)
    variables: dict[str, Any] = {
        name: (dims, np.broadcast_to(values, shape), {"units": "S/m^2", "long_name": words})
        for name, (values, words) in parts.items()
    }
    order = magnet.order(*at)
    split = {"order": order} if order.ndim == 2 else {"order_a": order[..., 0], "order_b": order[..., 1]}
    for name, values in split.items():
        label = {"units": "1", "long_name": "ordered spin per moment"}
        variables[name] = (dims, np.broadcast_to(values, shape), label)
    direction = f"{'across' if magnet.field_is_across else 'along'} the {magnet.order_name}"
    coords: dict[str, Any] = {
        "temperature": ("temperature", kelvin, {"units": "K", "long_name": "temperature"}),
        "field": ("field", at[0], {"units": "T", "long_name": "magnetic field", "direction": direction}),
    }
    G0 = np.asarray(magnet.characteristic_conductance).tolist()
    attrs = {"magnet": repr(magnet), "G0_S_per_m2": G0, "spinstack_version": version()}
    result = xarray.Dataset(variables, coords=coords, attrs=attrs)
    result = result if several else result.isel(temperature=0)
    return result if field.ndim else result.isel(field=0)


def _magnet(film: Film | Magnet, insulator: str | None) -> Magnet:
    if isinstance(film, Magnet):
        return film
    if not isinstance(film, Film):
        raise ParameterError(f"film: got {film!r}. Allowed: a film or a magnet such as spinstack.WeissMagnet(...).")
    found = {e.name: magnet for e in film.elements if (magnet := magnet_model(e)) is not None}
    if insulator is None and len(found) == 1:
        return next(iter(found.values()))
    if insulator not in found:
        raise ParameterError(
            f"insulator: got {insulator!r}. Allowed: an insulator with a magnet model ({', '.join(found) or 'none'})."
        )
    return found[insulator]
