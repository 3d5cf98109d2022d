"""A call of every observable, made from its signature, so that a new observable is tested like all others."""

import typing
from collections.abc import Sequence
from functools import cache

import spinstack as ss
from spinstack.observables.registry import Named, Observable
from spinstack.stack import Film
from spinstack.text.units import In

nm = 1e-9


def _metal(**changes):
    given = {
        "thickness": 3 * nm,
        "conductivity": 2e6,
        "spin_diffusion_length": 2.5 * nm,
        "spin_hall_angle": 0.12,
        "density_of_states": 4e48,
        "hall_coefficient": 2e-11,
    }
    return ss.Metal("N", **(given | changes))


def films():
    """Small films of which every observable describes at least one."""
    magnet = ss.Ferromagnet(
        "F",
        thickness=2 * nm,
        conductivity=3e6,
        polarization=0.4,
        spin_diffusion_length=5 * nm,
        dephasing_length=1 * nm,
        spin_hall_angle=0.03,
        anomalous_hall_angle=0.01,
        amr_ratio=0.01,
        hall_coefficient=3e-11,
    )
    model = ss.WeissMagnet(
        spin=2, curie_temperature=100, surface_density=3e18, exchange_coupling=1e-48, density_of_states=4e46
    )
    numbers = ss.MagneticInsulator("I", mixing_conductance=2e13 + 1e13j, spin_sink_conductance=1e13)
    below = ss.MagneticInsulator("I", magnet=model)
    laws = Film((_metal(conductivity=ss.Tabulated((0, 100), values=[3e6, 2e6])),))
    return {"model": below | _metal(), "numbers": numbers | _metal(), "magnet": Film((magnet,)), "laws": laws}


def arguments(found: Observable, film, **changes):
    """Arguments of an observable for a film: own ones and conditions, nothing symmetric."""
    known = {"m": (0.48, 0.6, 0.64), "B": (0.3, -0.2, 0.5), "T": 20.0, "E": (0.8, 0.6), "points": 3}
    out = {}
    for name, argument in found.arguments.items():
        units = [b.unit for b in argument.beside if isinstance(b, In)]
        named = [b for b in argument.beside if isinstance(b, Named)]
        if named:
            names = named[0].names(film)
            if not names:
                raise ss.ParameterError(f"no {named[0].words}")
            out[name] = names[-1]
        elif typing.get_origin(argument.annotation) is typing.Literal:
            out[name] = typing.get_args(argument.annotation)[1]
        elif name == "current" and units:  # in the place of E
            continue
        elif units and argument.annotation is float:
            out[name] = 0.4
        elif units and tuple[float, float] in typing.get_args(argument.annotation):
            out[name] = (3.0, 2.0)
        elif name == "m" and ("turns" in found.arguments or {"plane", "angles"} <= {*found.arguments}):  # magnets turn
            continue
        elif Sequence[tuple[float, float, float]] in typing.get_args(argument.annotation):
            out[name] = [(0.2, 0.1, 0.4), (0.5, -0.3, 1.0)]
        elif units and argument.annotation is not typing.Any and (argument.required or units == ["deg"]):
            out[name] = [10.0, 40.0, 75.0]
        elif name in known:
            out[name] = known[name]
        elif argument.required:
            raise NotImplementedError(f"{found.name}: no example of {argument}")
    return out | changes


@cache
def call(found: Observable):
    """A film that the observable describes, and arguments."""
    for film in films().values():
        try:
            given = arguments(found, film)
            found.values(film, **given)
        except ss.ParameterError:
            continue
        return film, given
    raise AssertionError(f"{found.name}: no film of these tests is one for it")
