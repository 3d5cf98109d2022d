"""Spin and charge transport in layered magnetic films: from the interface to the meter.

A film is elements from the bottom to the top, composed with ``|``; observables take a film::

    import spinstack as ss

    film = ss.MagneticInsulator.of("YIG") | ss.Metal.of("Pt-SMR", thickness=5e-9)
    ss.angular_scan(film, plane="beta")

SI units everywhere; unit strings belong in sample files (:func:`load_sample`).
"""

from spinstack.text import ending as _ending

if _ending.is_program():
    _ending.listen()

from collections.abc import Mapping as _Mapping
from importlib import import_module as _import_module
from typing import Any as _Any

from spinstack.text import hooks as _hooks
from spinstack.text import lazies

_late, __dir__, __all__ = lazies.attach(__name__, __file__)


def __getattr__(name: str) -> _Any:
    """What loads late: public names, and the two libraries of published numbers, which are modules."""
    return _import_module(f"{__name__}.{name}") if name in ("interfaces", "materials") else _late(name)


def _material_values(material: str, kind: str, given: _Mapping[str, _Any]) -> dict[str, _Any]:
    from spinstack.materials.library import parameters

    return parameters(material, kind, supplied=given)


def _interface_values(interface: str, given: _Mapping[str, _Any], any_temperature: bool) -> dict[str, _Any]:
    from spinstack.interfaces.library import parameters

    return parameters(interface, supplied=given, any_temperature=any_temperature)


def _film_html(film: _Any) -> str:
    from spinstack.figures.notebook import film_html

    return film_html(film)


def _plots() -> None:
    from spinstack.figures import notebook  # noqa: F401  (registers itself)


_hooks.material_values = _material_values
_hooks.interface_values = _interface_values
_hooks.film_html = _film_html
_hooks.plots = _plots
