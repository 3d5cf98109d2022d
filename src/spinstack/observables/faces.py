"""The conductances of a magnetic insulator's face against field and temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np

from spinstack.insulator.magnet import Magnet, magnet_model
from spinstack.numerics.arrays import array_module
from spinstack.observables.paths import temperatures
from spinstack.observables.registry import Labels, Named, Output, labelled_observable
from spinstack.stack import Film, ParameterError
from spinstack.stack.directions import scalar
from spinstack.stack.parameters import THEORIES
from spinstack.text.checks import required
from spinstack.text.units import In

_PARTS = {
    "G_s": "spin sink conductance",
    "G_r": "real part of the mixing conductance",
    "G_i": "imaginary part of the mixing conductance",
    "G_flip": "spin-flip part G_s/2",
    "G_dephasing": "dephasing part G_r + G_s/2",
}


def _orders(magnet: Magnet) -> tuple[str, ...]:
    return tuple(f"order_{m.sublattice}" if m.sublattice else "order" for m in magnet.moments())


def _models(film: Film) -> tuple[str, ...]:
    return tuple(_known(film))


def _known(film: Film) -> dict[str, Magnet]:
    """The models of a film by the name of their insulator, numbered where it repeats."""
    elements = zip(film.owners(), film.elements, strict=True)
    return {owner: magnet for owner, e in elements if (magnet := magnet_model(e)) is not None}


def _labels(film: Film | Magnet, *, B: Any, T: Any, insulator: str | None) -> Labels:
    magnet = _magnet(film, insulator)
    field, kelvin = _axes(B, T)
    dims = (*("temperature",) * kelvin.ndim, *("field",) * field.ndim)
    outputs = [Output(name, "S/m^2", words, dims) for name, words in _PARTS.items()]
    outputs += [Output(name, "1", "ordered spin per moment", dims) for name in _orders(magnet)]
    direction = f"{'across' if magnet.field_is_across else 'along'} the {magnet.order_name}"
    coords = {
        "temperature": (dims[: kelvin.ndim], kelvin, {"units": "K", "long_name": "temperature"}),
        "field": (dims[kelvin.ndim :], field, {"units": "T", "long_name": "magnetic field", "direction": direction}),
    }
    G0 = np.asarray(magnet.characteristic_conductance).tolist()
    return Labels(tuple(outputs), coords, {"magnet": repr(magnet), "G0_S_per_m2": G0})


@labelled_observable(
    "conductances of an insulator's face",
    _labels,
    one_film=True,
    why_not=dict.fromkeys(THEORIES, "a property of the magnet, before any transport"),
)
def face_conductances(
    film: Film | Magnet,
    B: Annotated[Sequence[float] | float | np.ndarray, In("T")] = 0.0,
    T: Annotated[Sequence[float] | float | np.ndarray | None, In("K")] = None,
    insulator: Annotated[str | None, Named(_models, "insulators with a magnet model")] = None,
) -> dict[str, Any]:
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
    magnet = _magnet(film, insulator)
    field, kelvin = _axes(B, T)
    rank = len(np.broadcast_shapes(*(np.shape(v) for v in magnet.columns().values())))
    axes = kelvin.ndim + field.ndim
    at = (
        field.reshape((*field.shape, *(1,) * rank)),
        kelvin.reshape((*kelvin.shape, *(1,) * (field.ndim + rank))),
    )

    def behind(value: Any) -> Any:
        return array_module(value).moveaxis(value, range(axes), range(rank, rank + axes)) if rank else value

    sink, mixing = map(behind, magnet.conductances(*at))
    names, orders = _orders(magnet), {}
    if names:
        order = behind(magnet.order(*at))
        orders = {name: order if len(names) == 1 else order[..., i] for i, name in enumerate(names)}
    parts = {"G_s": sink, "G_r": mixing.real, "G_i": mixing.imag}
    return parts | {"G_flip": sink / 2, "G_dephasing": mixing.real + sink / 2} | orders


def _axes(B: Any, T: Any) -> tuple[Any, Any]:
    """Field and temperature, each () or (n,)."""
    field = scalar(B, "B", "one field in tesla, or several")
    if field.ndim > 1:
        raise ParameterError(f"a batch of shape {field.shape}", field="B", allowed="one field, or several (n,)")
    kelvin, several = temperatures(required(T, "T", "Give the temperature in kelvin."))
    return field, kelvin if several else kelvin[0]


def _magnet(film: Film | Magnet, insulator: str | None) -> Magnet:
    if isinstance(film, Magnet):
        return film
    if not isinstance(film, Film):
        raise ParameterError(field="film", got=film, allowed="a film or a magnet such as spinstack.WeissMagnet(...)")
    found = _known(film)
    if insulator is None and len(found) == 1:
        return next(iter(found.values()))
    if not isinstance(insulator, str) or insulator not in found:
        raise ParameterError(
            field="insulator",
            got=insulator,
            allowed=f"an insulator with a magnet model ({', '.join(found) or 'none'})",
        )
    return found[insulator]
