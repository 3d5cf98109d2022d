"""The facts of a film as tables of text, and its models in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from spinstack.facts.ballistic import ballistic_facts
from spinstack.facts.junctions import junction_facts
from spinstack.facts.layers import interface_facts, layer_facts
from spinstack.facts.magnets import metal_facts, moment_facts
from spinstack.report.tables import Table
from spinstack.stack import Film, MagneticInsulator, ParameterError
from spinstack.stack.laws import Law
from spinstack.stack.parameters import Specification
from spinstack.study.conditions import vector_words


def tables(film: Film) -> list[Table]:
    """Everything that follows from the parameters of a film by hand, one table a subject."""
    found = [_layers(film), _interfaces(film), _junctions(film), _insulators(film), _moments(film), _metals(film)]
    return [table for table in found if table.rows]


def _number(value: float, digits: int = 4) -> str:
    return "∞" if math.isinf(value) else f"{value:.{digits}g}"


def _complex(value: complex | None) -> str:
    if value is None:
        return "all spins alike"
    return f"{value.real:.4g} {'-' if value.imag < 0 else '+'} {abs(value.imag):.4g}i"


def _unique(film: Film, positions: list[int]) -> dict[int, str]:
    """One row for elements that are equal, with how often they occur."""
    labels = film.labels()
    out: dict[int, str] = {}
    for i in positions:
        first = next((k for k in out if film[k] == film[i] and labels[k] == labels[i]), None)
        if first is None:
            out[i] = labels[i]
    for i in out:
        n = sum(film[k] == film[i] and labels[k] == labels[i] for k in positions)
        out[i] += f" (×{n})" if n > 1 else ""
    return out


def _layers(film: Film) -> Table:
    facts = layer_facts(film)
    table = Table("Layers, top first", (
        "layer", "t (nm)", "ρ (µΩ cm)", "R_sheet (Ω)", "current (%)", "t/l_sf", "λ_transverse (nm)", "R_spin (fΩ m²)",
    ))  # fmt: skip
    for i, label in reversed(_unique(film, list(facts)).items()):
        f = facts[i]
        share = sum(g.share for k, g in facts.items() if film[k] == film[i])
        table.add(
            label, _number(f.thickness * 1e9), _number(f.resistivity * 1e8),
            _number(f.sheet_resistance), f"{100 * share:.1f}", _number(f.diffusion_lengths, 3),
            _number(f.transverse_length * 1e9, 3), _number(f.spin_resistance * 1e15, 3),
        )  # fmt: skip
    total = 1 / sum(1 / f.sheet_resistance for f in facts.values())
    table.add_section()
    table.add("film", _number(float(film.thickness) * 1e9), "", _number(total), "100", "", "", "")
    table.caption = (
        "current: share carried in the plane, without magnetoresistance.\n"
        "λ_transverse: decay length of spin transverse to m.\n"
        "R_spin = ρ l_sf/(1 - P²) coth(t/l_sf): what a spin current meets that enters through one face."
    )
    return table


def _interfaces(film: Film) -> Table:
    facts = interface_facts(film)
    table = Table("Interfaces, top first", (
        "interface", "A R (fΩ m²)", "(G↑-G↓)/(G↑+G↓)", "G_par (S/m²)", "G_mix (S/m²)", "Re G_mix/G_par", "flip (%)",
        "own spin current",
    ))  # fmt: skip
    for i, label in reversed(_unique(film, list(facts)).items()):
        f = facts[i]
        element = film[i]
        names = [n for n in ("filtering", "precession", "rashba_edelstein") if getattr(element, n)]
        table.add(
            label, _number(f.area_resistance * 1e15), _number(f.asymmetry, 3), f"{f.parallel:.3g}",
            _complex(f.mixing), "" if f.mixing is None else _number(f.mixing.real / f.parallel, 3),
            f"{100 * f.flip_probability:.3g}", ", ".join(names) or "none",
        )  # fmt: skip
    table.caption = "1/G_par = 1/G↑ + 1/G↓. flip: probability 1 - exp(-spin_memory_loss)."
    return table


def _junctions(film: Film) -> Table:
    facts = junction_facts(film)
    table = Table("Tunnel junctions, top first", (
        "junction", "R A parallel (Ω µm²)", "at 90° (Ω µm²)", "antiparallel (Ω µm²)", "TMR (%)", "G₀ (S/m²)",
    ))  # fmt: skip
    for i, label in reversed(_unique(film, list(facts)).items()):
        f = facts[i]
        areas = (_number(area * 1e12) for area in (f.parallel, f.perpendicular, f.antiparallel))
        table.add(label, *areas, _number(100 * f.tmr), f"{f.conductance:.3g}")
    table.caption = "The barrier alone, at low voltage: TMR = 2 P P'/(1 - P P'), G₀ between the two collinear states."
    return table


#: temperatures [K] of the table of laws
_TEMPERATURES = (0.0, 10.0, 50.0, 100.0, 200.0, 300.0)


def laws(film: Film) -> Table:
    """Values of what follows a law at some temperatures, top first; none where a law has none."""
    table = Table("What follows a law, in SI", ("parameter", "law", *(f"{T:g} K" for T in _TEMPERATURES)), 2)
    at = [_at(film, T) for T in _TEMPERATURES]
    for i, label in reversed(_unique(film, [i for i, e in enumerate(film) if e.laws()]).items()):
        for name, law in film[i].laws().items():
            unit = film[i].specifications()[name].unit
            words = f"{label}.{name}" + (f" ({unit})" if unit != "1" else "")
            values = ["–" if one is None else _value(one[i].value(name)) for one in at]
            table.add(words, law.kind.replace("_", " "), *values)
    return table


def _at(film: Film, T: float) -> Film | None:
    try:
        return film.at(T)
    except ParameterError:
        return None


def _value(value: Any) -> str:
    if np.ndim(value):  # an angle, whose tensor has one number
        value = float(value[1, 0])
    return _complex(value) if isinstance(value, complex) else _number(value)


def models(film: Film) -> list[str]:
    """One line for each law, and each interface or insulator that a model describes, top first."""
    labels = film.labels()
    lines = []
    for i, element in reversed(list(enumerate(film))):
        for name, law in element.laws().items():
            given = _given(law, law.inside(element.specifications()[name]))
            lines.append(f"{labels[i]}.{name}: {law.kind.replace('_', ' ')}, {', '.join(given)}")
        for field in element.models:
            if (model := getattr(element, field)) is not None:
                given = _given(model, model.specifications())
                lines.append(f"{labels[i]}: {model.kind.replace('_', ' ')}, {', '.join(given)}")
    return list(dict.fromkeys(lines))


def _given(model: Any, units: Mapping[str, Specification]) -> list[str]:
    """The numbers of a model or a law in words; of an axis only where something holds to it."""
    words = [f"temperatures = {vector_words(model.temperatures)} K"] if hasattr(model, "temperatures") else []
    for name, value in model.parameters.items():
        if value is not None and not (isinstance(model, Law) and model.is_default(name)):
            unit = units[name].unit
            text = f"({', '.join(f'{v:.6g}' for v in value)})" if np.ndim(value) else f"{value:.6g}"
            words.append(f"{name} = {text}" + (f" {unit}" if unit != "1" else ""))
    words += [f"{name} = {vector_words(getattr(model, name))}" for name in getattr(model, "acting_axes", ())]
    return words


def _insulators(film: Film) -> Table:
    table = Table("Magnetic insulators", ("name", "G_sink (S/m²)", "G_mix (S/m²)"))
    for name, element in zip(film.owners(), film, strict=True):
        if isinstance(element, MagneticInsulator) and element.magnet is None:
            table.add(name, f"{element.spin_sink_conductance:.4g}", _complex(element.mixing_conductance))
    return table


def _moments(film: Film) -> Table:
    table = Table("Moments at the faces of magnetic insulators, top first", (
        "moments", "model", "T_order (K)", "ν J", "G0 (S/m²)", "G_s (S/m²)", "G_r (S/m²)", "G_i (S/m²)",
    ), 2)  # fmt: skip
    for fact in moment_facts(film):
        numbers = (fact.ordering_temperature, fact.coupling, fact.scale, fact.sink, fact.real, fact.imag)
        table.add(fact.label, fact.kind, *(f"{n:.4g}" for n in numbers))
    table.caption = (
        "G0 = (π/ħ) n (e ν J)². G_s: without order, 2 G0 S(S+1)/3; it ends with the order.\n"
        "G_r, G_i: at full order, G0 S² and (e²/ħ) n ν J S, along the order of these moments."
    )
    return table


def ballistic(film: Film) -> tuple[Table, list[str]]:
    """Lengths of the Boltzmann equation, and why layers are missing."""
    spheres, facts, refused = ballistic_facts(film)
    table = Table("Lengths of the Boltzmann equation, top first", (
        "layer", "λ↑ (nm)", "λ↓ (nm)", "λ_flip (nm)", "turn (nm)", "given", "λ (nm)", "t/λ", "σ (S/m)", "P",
        "l_sf (nm)",
    ))  # fmt: skip
    for i, label in reversed(_unique(film, list(facts)).items()):
        f = facts[i]
        lengths = (f.path_up, f.path_down, f.flip_length, f.turn_length)
        table.add(
            label, *(_number(v * 1e9, 3) for v in lengths), f.source, _number(f.path * 1e9, 3),
            _number(film[i].thickness / f.path, 3),  # type: ignore[attr-defined]
            _beside(f.conductivity, f.given_conductivity), _number(f.polarization, 3),
            _beside(f.spin_diffusion_length * 1e9, f.given_spin_diffusion_length * 1e9),
        )  # fmt: skip
    waves = dict.fromkeys(f"{k:.4g}" + (f" (1 ± {split:.3g})" if split else "") for k, split in spheres.values())
    table.caption = (
        "λ↑, λ↓, λ_flip: paths between collisions that keep and that flip the spin (mean_free_path_up, _down, "
        "spin_flip_length);\n"
        "turn: path of one exchange turn. What is not given follows from σ, P, l_sf and "
        f"k_F = {', '.join(waves)} 1/m.\n"
        "λ: path between collisions of any kind, mean of both spins.\n"
        "σ, P, l_sf: what the lengths mean for diffusion, ≠ what the layer itself says."
    )
    return table, refused


def _beside(value: float, given: float) -> str:
    """The value, and what was given where it differs."""
    same = value == given or abs(value - given) <= 1e-6 * abs(given)
    return _number(value, 3) + ("" if same else f" ≠ {_number(given, 3)}")


def _metals(film: Film) -> Table:
    table = Table(
        "Metals on them, top first", ("metal", "σ/2l tanh(t/l) (S/m²)", "D (m²/s)", "l²/D (ps)", "B_Hanle (T)")
    )
    for fact in metal_facts(film):
        numbers = (fact.diffusion, None if fact.lifetime is None else fact.lifetime * 1e12, fact.hanle_field)
        shown = ("none" if n is None else _number(n) for n in numbers)
        table.add(fact.label, f"{fact.spin_conductance:.4g}", *shown)
    table.caption = (
        "σ/2l tanh(t/l): what the conductances of a face compete with.\n"
        "B_Hanle = ħ/(g µ_B l²/D): a spin turns by one radian in its lifetime."
    )
    return table
