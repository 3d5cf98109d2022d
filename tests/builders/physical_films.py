"""One film with every coupling, its parameters drawn at random within what thermodynamics allows.

The structure is fixed so that compiled code is shared between the draws:
metal, magnetic interface, ferromagnet, magnetic interface, ferromagnet, (perfect contact) metal, plain interface,
metal, magnetic insulator, metal, (perfect contact) ferromagnet.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

import spinstack as ss

MAGNETS = ("F1", "F2", "I", "F3")

Draw = Any


def between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


def logarithmic(low: float, high: float) -> st.SearchStrategy[float]:
    return between(math.log(low), math.log(high)).map(math.exp)


def tensors(size: float) -> st.SearchStrategy[np.ndarray]:
    """3x2 tensors [spin, field] whose largest singular value is at most `size`."""
    entry = size / math.sqrt(6)
    return st.lists(between(-entry, entry), min_size=6, max_size=6).map(lambda v: np.reshape(v, (3, 2)))


@st.composite
def directions(draw: Draw) -> np.ndarray:
    z, phi = draw(between(-1, 1)), draw(between(0, 2 * math.pi))
    r = math.sqrt(1 - z**2)
    return np.array([r * math.cos(phi), r * math.sin(phi), z])


@st.composite
def fields(draw: Draw) -> np.ndarray:
    return draw(between(0, 10)) * draw(directions())


@st.composite
def metals(draw: Draw, name: str) -> ss.Metal:
    sigma = draw(logarithmic(1e5, 5e7))
    return ss.Metal(
        name,
        thickness=draw(logarithmic(2e-10, 1e-7)),
        conductivity=sigma,
        spin_diffusion_length=draw(logarithmic(3e-10, 3e-7)),
        spin_hall_angle=draw(tensors(0.5)),
        # the Hall effect below lowers sigma_zz, so the splitter stays away from its bound 1
        spin_splitter=draw(tensors(0.5)),
        diffusion_coefficient=draw(logarithmic(1e-6, 1e-2)),
        hall_coefficient=draw(between(-0.05, 0.05)) / sigma,
    )


@st.composite
def ferromagnets(draw: Draw, name: str) -> ss.Ferromagnet:
    sigma = draw(logarithmic(1e5, 2e7))
    P, parallel = draw(between(-0.95, 0.95)), draw(between(-0.95, 0.95))
    amr = draw(between(-0.3, 0.5))
    # the resistivity of neither spin may be negative for any m
    ratios = [(1 + amr) * (1 + s * P) / (1 + s * parallel) - 1 for s in (1, -1)]
    least = max([-0.3, *(4 * r * (1 + r) for r in ratios if r < -0.5)])
    return ss.Ferromagnet(
        name,
        thickness=draw(logarithmic(2e-10, 1e-7)),
        conductivity=sigma,
        spin_diffusion_length=draw(logarithmic(3e-10, 1e-7)),
        polarization=P,
        polarization_parallel=parallel,
        dephasing_length=draw(logarithmic(3e-11, 1e-7)),
        precession_length=draw(logarithmic(3e-11, 1e-7)),
        spin_hall_angle=draw(tensors(0.5)),
        amr_ratio=amr,
        size_effect_ratio=draw(st.floats(least, 0.3, exclude_min=True, allow_subnormal=False)),
        anomalous_hall_angle=draw(between(-0.2, 0.2)),
        spin_anomalous_hall_angle=draw(between(-0.2, 0.2)),
        hall_coefficient=draw(between(-0.05, 0.05)) / sigma,
    )


@st.composite
def magnetic_interfaces(draw: Draw, name: str) -> ss.Interface:
    up, down = draw(logarithmic(1e13, 1e16)), draw(logarithmic(1e13, 1e16))
    lower, upper = ((up + down) / 2 * draw(between(1, 4)) for _ in range(2))
    through = math.sqrt(lower * upper) * draw(between(-0.9, 0.9))
    precession = [draw(between(-1e5, 1e5)) for _ in range(2)]
    # precession is odd in m, so its Onsager inverse does not cancel its power: the in-plane conductance of the
    # interface must be at least p^T A^-1 p with A the transverse conductances between its faces
    A = 2 * np.array([[lower, through], [through, upper]])
    sheet = float(np.array(precession) @ np.linalg.solve(A, precession))
    return ss.Interface(
        name,
        conductance_up=up,
        conductance_down=down,
        mixing_conductance=lower * (1 + 1j * draw(between(-2, 2))),
        mixing_conductance_upper=upper * (1 + 1j * draw(between(-2, 2))),
        transmitted_mixing_conductance=through + 1j * up * draw(between(-1, 1)),
        spin_memory_loss=draw(between(0, 3)),
        filtering=draw(between(-1e5, 1e5)),
        filtering_upper=draw(between(-1e5, 1e5)),
        precession=precession[0],
        precession_upper=precession[1],
        rashba_edelstein=draw(between(-1e5, 1e5)),
        sheet_conductance=sheet * draw(between(1, 2)),
    )


@st.composite
def plain_interfaces(draw: Draw, name: str) -> ss.Interface:
    G = draw(logarithmic(1e13, 1e16))
    return ss.Interface(
        name,
        conductance_up=G,
        conductance_down=G,
        spin_memory_loss=draw(between(0, 3)),
        filtering=draw(between(-1e5, 1e5)),
        filtering_upper=draw(between(-1e5, 1e5)),
        rashba_edelstein=draw(between(-1e5, 1e5)),
        sheet_conductance=draw(between(0, 1e-3)),
    )


@st.composite
def films(draw: Draw) -> ss.Film:
    Gr = draw(logarithmic(1e12, 1e15))
    insulator = ss.MagneticInsulator(
        "I",
        spin_sink_conductance=draw(logarithmic(1e11, 1e14)),
        mixing_conductance=Gr * (1 + 1j * draw(between(-10, 10))),
    )
    return (
        draw(metals("N1"))
        | draw(magnetic_interfaces("lower"))
        | draw(ferromagnets("F1"))
        | draw(magnetic_interfaces("between"))
        | draw(ferromagnets("F2"))
        | draw(metals("N2"))
        | draw(plain_interfaces("plain"))
        | draw(metals("N3"))
        | insulator
        | draw(metals("N4"))
        | draw(ferromagnets("F3"))
    )


magnetizations = st.tuples(*(directions() for _ in MAGNETS)).map(lambda v: dict(zip(MAGNETS, v, strict=True)))


def changed(film: ss.Film, field: str, change: Any) -> ss.Film:
    """The film with `change` applied to `field` of every element that has it."""
    paths = [f"{e.name}.{field}" for e in film if field in e.specifications()]
    return film.replace({path: change(film.get(path)) for path in paths})


def time_reversed(
    film: ss.Film, m: dict[str, np.ndarray], B: np.ndarray
) -> tuple[ss.Film, dict[str, np.ndarray], np.ndarray]:
    """All that is odd under time reversal changes sign: m, B, and the Neel vector inside the spin splitter."""
    return changed(film, "spin_splitter", np.negative), {k: -v for k, v in m.items()}, -B
