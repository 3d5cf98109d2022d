"""What the page can add: kinds of elements, models, materials and interfaces with their sources, requests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from spinstack.samples.reader import KINDS
from spinstack.stack import Interface, MagneticInsulator, ParameterError
from spinstack.stack.described import Model
from spinstack.stack.element import Element
from spinstack.stack.interface import BESIDE_MODEL
from spinstack.text.units import example

#: elements as they are when nobody has said anything: numbers of a usual film
_NEW: dict[str, dict[str, Any]] = {
    "metal": {
        "kind": "metal", "name": "Pt", "thickness": "5 nm", "conductivity": "5e6 S/m",
        "spin_diffusion_length": "1.5 nm", "spin_hall_angle": 0.1,
    },
    "ferromagnet": {
        "kind": "ferromagnet", "name": "Py", "thickness": "4 nm", "conductivity": "4e6 S/m", "polarization": 0.4,
        "spin_diffusion_length": "3.6 nm", "dephasing_length": "1 nm", "amr_ratio": "0.5 %",
    },
    "interface": {
        "kind": "interface", "conductance_up": "6e14 S/m^2", "conductance_down": "4e14 S/m^2",
        "mixing_conductance": "6e14 S/m^2",
    },
    "magnetic_insulator": {"kind": "magnetic_insulator", "name": "YIG", "mixing_conductance": "3e14 S/m^2"},
    "vacuum": {"kind": "vacuum", "name": "cap"},
    "altermagnet": {
        "kind": "altermagnet", "name": "AM", "plane": "(100)", "along": "[010]", "neel": "[001]",
        "cell": ["4.5 angstrom", "3.1 angstrom"], "splitting": 0.1, "thickness": "5 nm", "conductivity": "2e6 S/m",
        "spin_diffusion_length": "3 nm", "dephasing_length": "2 nm",
    },
}  # fmt: skip
#: settings of requests with which they have something to show
_ASKED: dict[str, dict[str, Any]] = {
    "scan": {"plane": ["alpha", "beta", "gamma"]},
    "profile": {"m": "y"},
    "torque": {"plane": "gamma"},
    "field_scan": {"field": {"start": "-2 T", "stop": "2 T", "points": 81}, "direction": "z"},
    "temperature_scan": {"T": {"start": "5 K", "stop": "300 K", "points": 60}},
    "perpendicular_scan": {},
    "map": {"observable": {"name": "magnetoresistance", "plane": "beta"}},
    "equilibrium": {"field": {"start": "-0.5 T", "stop": "0.5 T", "points": 101}, "direction": [0.05, 0, 1]},
    "modes": {"field": {"start": "0.05 T", "stop": "1 T", "points": 39}, "direction": [1, 0, 0.05]},
    "critical_current": {"kind": "fold", "field": {"start": "0.02 T", "stop": "0.2 T", "points": 5}, "direction": "x"},
    "oscillation": {"current": {"start": "1e3 A/m", "stop": "1e5 A/m", "points": 11}},
    "trace": {"duration": "5 ns", "current": "1e5 A/m", "pulse": {"plateau": "1 ns", "rise": "0.1 ns"}},
    "spectrum": {"duration": "50 ns", "T": "300 K"},
    "switching_map": {
        "current": {"start": "-2e5 A/m", "stop": "2e5 A/m", "points": 41},
        "Bx": {"start": "-0.2 T", "stop": "0.2 T", "points": 21},
        "pulse": {"plateau": "1 ns", "rise": "0.1 ns"},
    },
    "harmonic_hall": {
        "field": ["0.2 T", "0.5 T", "1 T"],
        "angles": {"start": "0 deg", "stop": "360 deg", "points": 73},
        "current_rms": "500 A/m",
    },
    "loop_shift": {"current": {"start": "-2e4 A/m", "stop": "2e4 A/m", "points": 5}, "most": "1 T"},
    "spin_torque_fmr": {
        "frequency": ["9 GHz"],
        "field": {"start": "0.01 T", "stop": "0.5 T", "points": 99},
        "angle": ["45 deg"],
        "current": "100 A/m",
    },
}

#: settings of measurements that could be made, in the words of their observables
_MEASURED: dict[str, dict[str, Any]] = {
    "magnetoresistance": {"plane": "alpha"},
    "angular_scan": {"plane": "alpha", "angles": {"start": "0 deg", "stop": "350 deg", "points": 36}},
    "field_scan": {"field": {"start": "-2 T", "stop": "2 T", "points": 9}, "direction": "z", "m": "along B"},
    "temperature_scan": {"T": {"start": "10 K", "stop": "300 K", "points": 9}, "m": "y"},
    "torque_efficiency": {"reference": "film", "m": "z"},
    "torque": {"m": "z"},
    "spin_pumping": {"frequency": "10 GHz", "cone_angle": "1 deg", "m": "y"},
    "smr_gap": {"T": "300 K"},
    "field_contributions": {"field": {"start": "-2 T", "stop": "2 T", "points": 9}, "direction": "z", "m": "along B"},
    "perpendicular_scan": {},
    "law_values": {"T": {"start": "10 K", "stop": "300 K", "points": 9}},
}


def vocabulary() -> dict[str, Any]:
    """Everything that the page needs to know once."""
    return {
        "kinds": {kind: _NEW[kind] for kind in KINDS if kind in _NEW},
        "requests": requests(),
        "candidates": candidates(),
        "materials": materials(),
        "interfaces": interfaces(),
        "models": {
            field: {
                kind: _first_line(cls) for kind, cls in Model.filling(field).items() if not getattr(cls, "files", ())
            }
            for field in ("scattering", "magnet")
        },
    }


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().split("\n")[0]


@cache
def requests() -> list[dict[str, Any]]:
    """What a file can ask for of a film and of magnets that move (`moves`), with settings to begin with."""
    from spinstack.study.entries import entries
    from spinstack.study.moving_entries import moving_entries

    def told(word: str, words: str, moves: bool = False) -> dict[str, Any]:
        return {"word": word, "words": words, "table": _ASKED.get(word, {}), "moves": moves}

    return [
        *(told(word, one.observable.words) for word, one in entries().items()),
        told("map", "an observable over one or two parameters"),
        *(told(word, one.observable.words, True) for word, one in moving_entries().items()),
    ]


@cache
def candidates() -> list[dict[str, Any]]:
    """What could be measured next: every observable that a fit file takes, with settings to begin with."""
    from spinstack.observables.registry import observables
    from spinstack.study.entries import plain_entry

    known = observables()
    first = [*_MEASURED, *(name for name in known if name not in _MEASURED)]
    return [
        {"word": name, "words": known[name].words,
         "table": _MEASURED.get(name, {"m": "y"} if "m" in plain_entry(known[name]).hints else {})}
        for name in first
    ]  # fmt: skip


def request_words() -> set[str]:
    return {one["word"] for one in requests()}


@cache
def materials() -> dict[str, list[str]]:
    """Names by the kind of an element."""
    from spinstack.materials import library

    known = {word: kind.__name__ for word, kind in KINDS.items()}
    return {
        word: sorted(n for n in library.names() if kind in library.kinds(n))
        for word, kind in known.items()
        if kind in library.KINDS
    }


@cache
def interfaces() -> list[str]:
    """Names of interfaces whose conductances are known."""
    from spinstack import interfaces as known

    return sorted(known.names())


def told(name: str, kind: str) -> dict[str, Any]:
    """All that the library knows of one: a table for the file, and values with errors and sources to read."""
    if kind == "interface":
        return _interface(name)
    from spinstack.materials import library

    if kind not in KINDS or name not in library.names():
        raise ParameterError("which the library does not have", field="material", got=name)
    found = library.material(name, KINDS[kind].__name__)
    table: dict[str, Any] = {"kind": kind, "name": name.partition("-")[0], "material": name}
    if "thickness" in KINDS[kind].specifications():
        table["thickness"] = "5 nm"
    rows = [
        {"field": e.field, "value": e.text, "temperature": e.temperature, "source": e.source, "verified": e.verified,
         "note": e.note}
        for e in found.entries.values()
    ]  # fmt: skip
    missing = [f for f in KINDS[kind].required() if f not in found.entries and f not in ("name", "thickness")]
    for field in missing:
        spec = KINDS[kind].specifications().get(field)
        if spec is not None:
            table[field] = example(spec.unit) if spec.unit != "1" else 0.1
    return {"table": table, "rows": rows, "description": found.description, "missing": missing}


def _interface(name: str) -> dict[str, Any]:
    from spinstack import interfaces as known

    if name not in known.names():
        raise ParameterError("which the library does not have", field="interface", got=name)
    one = known.interface(name)
    rows = [
        {"field": quantity, "value": e.text, "temperature": e.temperature, "source": e.source, "verified": True,
         "note": e.note}
        for quantity, e in one.entries.items()
    ]  # fmt: skip
    table = {"kind": "interface", "material": name, "any_temperature": True}
    return {"table": table, "rows": rows, "description": one.description, "missing": []}


def new_element(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A new element of a kind."""
    if kind not in _NEW:
        raise ParameterError("which is no kind of element", field="kind", got=kind, allowed=", ".join(_NEW))
    return {**_NEW[kind], **given}


def new_model(field: str, kind: str) -> dict[str, Any]:
    """A new model with a value for everything that it needs."""
    known = Model.filling(field)
    if kind not in known:
        raise ParameterError("which there is not", field=field, got=kind, allowed=", ".join(known))
    cls = known[kind]
    made: dict[str, Any] = {"kind": kind}
    for name in cls.required():
        spec = cls.specifications().get(name)
        if spec is not None:
            made[name] = example(spec.unit) if spec.unit != "1" else _number(name, spec)
    return made


def _number(name: str, spec: Any) -> float:
    """A pure number that is allowed: spins and the like begin at one half."""
    low = 0.0 if spec.low is None else spec.low
    return {"spin": 2.0, "barrier": 0.4, "exchange": 0.2}.get(name, 0.1 if low <= 0.1 else low + 1)


def beside_model(kind: str, field: str, table: Mapping[str, Any]) -> list[str]:
    """Keys of an element that a model takes the place of."""
    known: dict[str, type[Element]] = {"interface": Interface, "magnetic_insulator": MagneticInsulator}
    cls = known.get(kind)
    if cls is None or field not in cls.models:
        raise ParameterError("which it cannot have", field=field, got=kind)
    return [key for key in table if key in cls.specifications() and key not in BESIDE_MODEL] + [
        "material",
        "any_temperature",
    ]
