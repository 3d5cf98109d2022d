"""Films of any order in one program: the numbers of programs for one plan and of native code, by few compilations."""

import jax
import numpy as np
import orbital_films
import pytest
from insulating_magnets import WEISS
from random_films import STRUCTURES, Draw, seeded
from two_codes import E, assert_close

import spinstack as ss
from spinstack.circuit import general, kernel, native
from spinstack.circuit.lower import lower, responding

needs_native = pytest.mark.skipif(native.library() is None, reason="installed without the native kernel")
CURRENT = np.array([[1e10]])


@pytest.fixture(autouse=True)
def by_jax(monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", "off")


def tables(films, draw):
    """Plan and table of films of one structure."""
    parts = []
    for film in films:
        try:
            plan, table, batch = lower(film, draw.directions(film), draw.field(), 10.0)
        except ss.ParameterError:  # a draw outside of what is allowed in this field
            continue
        parts.append(responding(plan, table, batch))
    assert len(parts) > len(films) / 4
    return plan, jax.tree.map(lambda *leaves: np.concatenate(leaves, -1), *parts)


def programs(plan, table, draw):
    """What every program is asked, with arrays of its own."""
    size = table.m.shape[-1]
    layers = sum(len(rows) for kind, rows in plan.magnets if kind in kernel.LAYERS)
    n = 6 if plan.orbital else 3
    rng = np.random.default_rng(int(draw.uniform(0, 1e9)))
    lower, upper = rng.normal(size=(2, layers, n, size))
    fraction, field = rng.uniform(size=(1, size)), rng.normal(size=(2, size))
    places = 1 + max(max((*s.elements, s.bottom_element or 0, s.top_element or 0)) for s in plan.segments)
    yield kernel.sheet, ()
    yield kernel.faces, (E,)
    yield kernel.inside, (fraction, lower, upper, field)
    if not any(isinstance(kind, type) for kind in plan.kinds):
        yield kernel.sheet_slope, (np.array([[0.6], [0.0], [0.8]]),)
    if len(plan.segments) == 1:
        yield kernel.perpendicular, ()
        yield kernel.crossed, (CURRENT,)
        yield kernel.inside_crossed, (fraction, lower, upper, field[:1])
    if not plan.orbital:
        yield kernel.sides, (rng.normal(size=(places, 2, 3, size)), rng.normal(size=(3, size)))


def compared(monkeypatch, plan, table, draw, tolerance, only):
    """Programs of these films, the shared one against native code or, where that does not know, the plan's own."""
    for program, extra in programs(plan, table, draw):
        if program not in only:
            continue
        assert general.knows(program.__name__, plan)
        shared = kernel.evaluate(program, plan, table, *extra)
        with monkeypatch.context() as patch:
            patch.setattr(general, "FEW", 0)
            patch.setenv("SPINSTACK_KERNEL", "")
            own = kernel.evaluate(program, plan, table, *extra)
        assert jax.tree.structure(shared) == jax.tree.structure(own)
        assert_close(jax.tree.leaves(shared), jax.tree.leaves(own), tolerance)


def test_films_without_a_magnet_or_an_interface(monkeypatch):
    draw = seeded(3)
    plan, table = tables([draw.metal("N") | draw.metal("M") for _ in range(5)], draw)
    compared(monkeypatch, plan, table, draw, 1e-12, (kernel.sheet, kernel.faces))


def drawn(structure, draw, count):
    films = []
    while len(films) < count:
        try:
            films.append(getattr(Draw, structure)(draw))
        except ss.ParameterError:  # a draw outside of what is allowed
            continue
    return films


NATIVE = (kernel.sheet, kernel.sheet_slope, kernel.perpendicular, kernel.faces, kernel.inside)


@pytest.mark.study
@needs_native
def test_a_shared_program_gives_the_numbers_of_native_code(monkeypatch):
    draw = seeded(5)
    for structure in (*STRUCTURES, "small"):
        compared(monkeypatch, *tables(drawn(structure, draw, 40), draw), draw, 1e-11, NATIVE)


@pytest.mark.study
@pytest.mark.parametrize(
    ("structure", "only"),
    [("repeated", (kernel.crossed, kernel.inside_crossed, kernel.sides)), ("with_altermagnets", (kernel.faces,)),
     ("altermagnet_alone", (kernel.crossed,))],
)  # fmt: skip
def test_and_where_there_is_none_those_of_a_plan_of_its_own(monkeypatch, structure, only):
    draw = seeded(5)
    compared(monkeypatch, *tables(drawn(structure, draw, 40), draw), draw, 1e-11, only)


@pytest.mark.study
@needs_native
def test_films_with_orbital_moments(monkeypatch):
    draw = seeded(6)
    for structure in ("N|F", "F|NN|F|N"):
        films = [orbital_films.film(draw, structure) for _ in range(40)]
        compared(monkeypatch, *tables(films, draw), draw, 1e-10, (kernel.faces,))


@pytest.mark.study
def test_what_else_stands_in_a_film(monkeypatch):
    """A barrier, an interface with two sides, a magnet whose conductances follow from its moments, a rotated effect."""
    draw = seeded(7)
    barrier = ss.DeltaBarrier(barrier=0.8, exchange=0.3, rashba=0.1, fermi_wavevector=13.6e9)
    step = ss.Barrier(fermi_wavevector=13.6e9, fermi_wavevector_upper=10e9)
    films = []
    for _ in range(6):
        low, top = draw.ferromagnet("F").replace(rotated_spin_hall_angle=0.05), draw.ferromagnet("K")
        film = draw.metal("N") | ss.Interface(scattering=barrier) | low | ss.Interface(scattering=step)
        films.append(film | top | ss.MagneticInsulator("EuS", magnet=ss.WeissMagnet(**WEISS)))
    compared(monkeypatch, *tables(films, draw), draw, 1e-11, (kernel.faces,))


def arrays(found):
    """Spin currents and torques together, as each may be zero by itself."""
    if not isinstance(found, kernel.Faces):
        return [found]
    spin = [a.reshape(-1, a.shape[-1]) for a in (found.Q, found.torque, found.mean_spin_current)]
    return [found.psi, found.responses, np.concatenate(spin)]


@pytest.mark.study
@needs_native
def test_films_of_any_order_compile_a_few_programs(monkeypatch):
    """500 structures of 1 to 9 layers, insulators inside and out, give the numbers of native code."""
    kernel._compiled_general.cache_clear()
    kernel._compiled.cache_clear()
    seen = set()
    for number in range(500):
        draw = seeded(number)
        film = draw.film(1 + number % 9, middle=number % 3 == 0 and number % 9 > 0)
        plan, table, _ = lower(film, draw.directions(film), draw.field())
        seen.add(plan)
        for program, extra in ((kernel.sheet, ()), (kernel.faces, (E,))):
            shared = kernel.evaluate(program, plan, table, *extra)
            with monkeypatch.context() as patch:
                patch.setenv("SPINSTACK_KERNEL", "")
                own = kernel.evaluate(program, plan, table, *extra)
            assert_close(arrays(shared), arrays(own), 1e-10)
    assert len(seen) > 400
    assert kernel._compiled.cache_info().misses == 0
    assert kernel._compiled_general.cache_info().misses <= 8


def test_many_films_get_a_program_of_their_own(monkeypatch):
    draw = seeded(8)
    plan, table = tables([ss.Film.of(draw.metal("N")) for _ in range(3)], draw)
    asked = []
    monkeypatch.setattr(general, "FEW", 2)
    monkeypatch.setattr(kernel, "_in_general", lambda *given: asked.append(given))
    assert kernel.evaluate(kernel.sheet, plan, table).shape == (2, 2, 3)
    assert not asked


def test_superlattices_get_a_program_of_their_own():
    draw = seeded(9)
    for repeats, shared in ((8, True), (400, False)):
        film = (draw.metal("N") | draw.ferromagnet("F")) * repeats
        assert general.knows("sheet", lower(film, "y")[0]) is shared
