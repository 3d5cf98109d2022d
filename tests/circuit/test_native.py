"""The native kernel and JAX give the same numbers, for every program and every instruction set of this processor."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from random_films import STRUCTURES, Draw, seeded
from studies import mostly_studies
from two_codes import LENGTHS, TARGETS, E, assert_close, both

import spinstack as ss
from spinstack.circuit import kernel, native
from spinstack.circuit.lower import lower
from spinstack.circuit.native import COLUMNS, Asked

pytestmark = pytest.mark.skipif(native.library() is None, reason="installed without the native kernel")

#: of 500 films; with 67 of each structure 100,500 have been compared
BLOCKS = 8


@pytest.fixture(params=TARGETS)
def target(request, monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", request.param)
    if request.param not in native.available():
        pytest.skip(f"this processor has no {request.param}")
    return request.param


def batch(structure, count, seed=0, field=True, extreme=False, half_metals=0.0):
    """Plan and table of `count` random films with everything on; of extreme ones so many are nearly half-metals."""
    tables, number = [], 1000 * seed
    while len(tables) < count:
        number += 1
        draw = seeded(number)
        try:
            film = {**STRUCTURES, "small": Draw.small}[structure](draw)
        except ss.ParameterError:  # a draw outside of what is allowed
            continue
        plan, table, _ = lower(film, draw.directions(film), draw.field() if field else (0, 0, 0))
        tables.append(table)
    table = jax.tree.map(lambda *leaves: np.concatenate(leaves, -1), *tables)
    return plan, extremes(table, np.random.default_rng(seed), half_metals) if extreme else table


def extremes(table, rng, half_metals):
    """Lengths without end, layers far thinner and thicker than their lengths, nearly half-metallic magnets."""

    half_metal = rng.uniform(size=(8, table.m.shape[-1])) < half_metals

    def change(name, a):
        if name == "thickness":
            return a * 10 ** rng.uniform(-3, 3, a.shape)
        if name in LENGTHS:
            away = rng.uniform(size=a.shape) < 0.4
            away[:1] &= name != "spin_diffusion_length"  # somewhere spin has to end
            return np.where(away, np.inf, a)
        if name.startswith("polarization"):
            return np.where(half_metal[: len(a)], 1 - 1e-6, a)
        if name == "spin_memory_loss":
            return a * 10 ** rng.uniform(-4, 1, a.shape)
        return a

    columns = tuple({name: change(name, a) for name, a in c.items()} for c in table.columns)
    # magnets in different directions lose digits in any arithmetic (docs/methods/composition.md, The frame of the spin)
    return table._replace(columns=columns, m=np.broadcast_to(table.m[:1], table.m.shape))


ALONG = np.array([[0.36], [0.48], [0.8]])


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("extreme", [False, True], ids=["usual", "extreme"])
@pytest.mark.parametrize("field", [False, True], ids=["no-field", "field"])
@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, "in_two_parts"))
def test_sheet_conductance_is_that_of_jax(monkeypatch, target, structure, field, extreme):
    plan, table = batch(structure, 45, field=field, extreme=extreme)
    assert_close(*both(monkeypatch, kernel.sheet, plan, table), 1e-12)


@pytest.mark.study
@pytest.mark.parametrize("structure", STRUCTURES)
def test_half_metals_have_the_digits_that_are_in_their_polarization(monkeypatch, target, structure):
    # 1 - P = 1e-6 has ten: one rounding of the inputs moves the conductance of such films by 2e-10
    plan, table = batch(structure, 45, extreme=True, half_metals=0.3)
    assert_close(*both(monkeypatch, kernel.sheet, plan, table), 1e-8)


@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, "in_two_parts"))
def test_faces_are_those_of_jax(monkeypatch, target, structure):
    plan, table = batch(structure, 45, seed=1)
    assert_close(*both(monkeypatch, kernel.faces, plan, table, E), 1e-12)


@pytest.mark.parametrize("structure", mostly_studies(STRUCTURES, "in_two_parts"))
def test_potentials_and_responses_of_extreme_films_are_those_of_jax(monkeypatch, target, structure):
    # the currents are differences of these, with as many digits as a thin layer leaves of them
    plan, table = batch(structure, 45, seed=1, extreme=True)
    ours, reference = both(monkeypatch, kernel.faces, plan, table, E)
    assert_close(ours[::2][:2], reference[::2][:2], 1e-12)


def test_the_inside_of_layers_is_that_of_jax(monkeypatch, target):
    plan, table = batch("repeated", 45, seed=2)
    layers, rng = 5, np.random.default_rng(0)
    lower, upper = rng.normal(size=(2, layers, 3, 45))
    fraction = rng.uniform(size=(1, 45))
    fraction[0, :2] = 0, 1
    assert_close(*both(monkeypatch, kernel.inside, plan, table, fraction, lower, upper, np.tile(E, 45)), 1e-12)


def test_perpendicular_resistance_is_that_of_jax(monkeypatch, target):
    plan, table = batch("repeated", 45, seed=3, extreme=True)
    assert_close(*both(monkeypatch, kernel.perpendicular, plan, table), 1e-12)


@pytest.mark.study
def test_the_slope_along_a_field_is_that_of_jax(monkeypatch, target):
    plan, table = batch("repeated", 45, seed=4)
    assert_close(*both(monkeypatch, kernel.sheet_slope, plan, table, ALONG), 1e-12)


def every_number(plan, table, *extra):
    """All numbers of all rows as they are asked for, in the order of :func:`numbers`."""
    asked = []
    for kind, columns in zip(plan.kinds, table.columns, strict=True):
        for name in COLUMNS.get(kind, ()):
            shape = columns[name].shape[:-1]
            asked += [Asked(kind, row, name, c) for row in range(shape[0]) for c in range(int(np.prod(shape[1:])))]
    asked += [Asked("m", row, "", c) for row in range(len(table.m)) for c in range(3)]
    asked += [Asked("B", 0, "", c) for c in range(3)]
    return asked + [Asked("own", n, "", c) for n, a in enumerate(extra) for c in range(int(np.prod(a.shape[:-1])))]


def numbers(plan, table, *extra, rows=()):
    """These numbers themselves, or arrays (*rows, ...) of their derivatives, as (*rows, numbers, batch)."""
    parts = [table.columns[plan.kinds.index(kind)][name] for kind in plan.kinds for name in COLUMNS.get(kind, ())]
    return np.concatenate(
        [np.asarray(a).reshape(*rows, -1, a.shape[-1]) for a in (*parts, table.m, table.B, *extra)], -2
    )


def endless_lengths(table, count):
    """The table with lengths of magnets that have no end in the first films."""
    few = np.arange(table.m.shape[-1]) < count
    return table._replace(
        columns=tuple(
            {n: np.where(few, np.inf, a) if n in LENGTHS[1:] else a for n, a in c.items()} for c in table.columns
        )
    )


def assert_derivatives(program, plan, table, *extra, derivative=None):
    """Values and derivatives by every number are those of JAX, small ones against the largest of their film.

    A derivative counts by the number that it is taken by, so that all have the unit of the array.
    """
    size = table.m.shape[-1]
    names = native.NAMES.get(program.__name__)

    def arrays(found):
        return [found[name] for name in names] if names else jax.tree.leaves(found)

    def summed(table, *extra):  # films do not know of one another
        return [a.sum(-1) for a in arrays(program(plan, table, size, *extra))]

    argnums = tuple(range(1 + len(extra)))
    derivative = derivative or jax.jit(jax.jacrev(summed, argnums))
    ours, jacobians = native.jacobian(program.__name__, plan, table, every_number(plan, table, *extra), extra)
    assert_close(ours, [np.asarray(a) for a in arrays(program(plan, table, size, *extra))], 1e-12)
    x = numbers(plan, table, *extra)
    finite = np.where(np.isfinite(x), np.abs(x), 0.0)
    weight = np.where(np.isfinite(x), np.maximum(finite, np.median(finite, 1, keepdims=True)), 0.0)
    weight[weight.max(1) == 0] = 1.0
    first = len(x) - 3 * len(table.m) - 3 - sum(int(np.prod(a.shape[:-1])) for a in extra)
    for own, exact in zip(jacobians, derivative(table, *extra), strict=True):
        assert np.isfinite(own).all()
        theirs = np.moveaxis(numbers(plan, *exact, rows=own.shape[1:-1]), -2, 0)
        for part in own, theirs:  # directions are of unit length, so nothing depends on how they grow
            for row, m in enumerate(table.m):
                along = part[first + 3 * row : first + 3 * row + 3]
                along -= np.einsum("ib,i...b,jb->j...b", m, along, m)
        scale = weight.reshape(len(x), *(1,) * (own.ndim - 2), size)
        own, theirs = own * scale, theirs * scale
        largest = np.abs(theirs).max(tuple(range(own.ndim - 1)))
        assert (np.abs(own - theirs) <= 1e-11 * largest).all()
        assert (own[np.broadcast_to(~np.isfinite(x.reshape(scale.shape)), own.shape)] == 0).all()
    return derivative


@pytest.mark.study
@pytest.mark.parametrize("structure", ["below_a_cap", "in_two_parts"])
def test_derivatives_are_those_of_jax(target, structure):
    if structure != "below_a_cap" and target != native.available()[-1]:
        pytest.skip("every instruction set has the same formulas; one structure compares them all")
    plan, table = batch(structure, 9, seed=5)
    assert_derivatives(kernel.sheet, plan, endless_lengths(table, 4))


def drives(program, plan, count):
    """Arrays of the program's own."""
    rng = np.random.default_rng(1)
    along, field = rng.normal(size=(3, count)), rng.normal(size=(2, count))
    if program is kernel.inside:
        layers = sum(len(rows) for kind, rows in plan.magnets if kind in ("Metal", "Ferromagnet"))
        return rng.uniform(size=(1, count)), *rng.normal(size=(2, layers, 3, count)), field
    return {kernel.faces: (field,), kernel.sheet_slope: (along,)}.get(program, ())


@pytest.mark.study
@pytest.mark.parametrize(
    ("program", "structure"),
    [
        (kernel.perpendicular, "repeated"),
        (kernel.sheet_slope, "small"),
        (kernel.inside, "small"),
        (kernel.faces, "small"),
    ],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_derivatives_of_all_programs_are_those_of_jax(program, structure):
    plan, table = batch(structure, 9, seed=5)  # one instruction set: they are compiled for one alone
    assert_derivatives(program, plan, endless_lengths(table, 4), *drives(program, plan, 9))


@pytest.mark.study
def test_derivatives_by_elements_that_are_given(target):
    # interfaces whose arrays are given: the chain rule through all of them leads to the derivative by a column
    plan, table = batch("repeated", 11, seed=7)
    at = plan.kinds.index("Interface")
    lab = jnp.broadcast_to(jnp.eye(3)[..., None], (3, 3, 11))

    def arrays(up):
        columns = tuple(c | {"conductance_up": up} if i == at else c for i, c in enumerate(table.columns))
        found = kernel.elements(plan, table._replace(columns=columns), 11, lab)["Interface",]
        return {name: getattr(found, name) for name in COLUMNS["Scattering"]}

    def named(kind):
        return "Scattering" if kind == "Interface" else kind

    up = jnp.asarray(table.columns[at]["conductance_up"])
    elements, change = jax.jvp(arrays, (up,), (up,))
    given = plan._replace(
        kinds=tuple(map(named, plan.kinds)),
        segments=tuple(s._replace(rows=tuple((named(kind), row) for kind, row in s.rows)) for s in plan.segments),
        magnets=tuple((named(kind), rows) for kind, rows in plan.magnets),
    )
    columns = tuple({} if i == at else c for i, c in enumerate(table.columns))
    asked = [
        Asked("Scattering", row, name, c) for row in range(len(up)) for name in COLUMNS["Scattering"] for c in range(9)
    ]
    film = table._replace(columns=columns)
    steps = np.stack([np.asarray(change[a.column]).reshape(len(up), 9, 11)[a.row, a.component] for a in asked])
    ups = [Asked("Interface", row, "conductance_up") for row in range(len(up))]
    for program in (kernel.sheet, kernel.perpendicular, kernel.faces):
        extra = drives(program, plan, 11)
        _, ours = native.jacobian(program.__name__, given, film, asked, extra, native.Unknown(elements, ()))
        _, exact = native.jacobian(program.__name__, plan, table, ups, extra)
        for a, b in zip(ours, exact, strict=True):
            through = np.einsum("n...b,nb->...b", a, steps)
            assert_close([through], [np.einsum("n...b,nb->...b", b, np.asarray(up))], 1e-9)


def recombined(plan, table, count, seed):
    """`count` films whose elements, directions and fields are those of different films."""
    rng = np.random.default_rng(seed)

    def drawn(a, picks):
        return np.stack([row[..., pick] for row, pick in zip(a, picks, strict=True)])

    def picks(rows):
        return rng.integers(table.m.shape[-1], size=(rows, count))

    columns = []
    for c in table.columns:
        chosen = picks(len(next(iter(c.values())))) if c else ()
        columns.append({name: drawn(a, chosen) for name, a in c.items()})
    B = table.B[:, rng.integers(table.B.shape[-1], size=count)] * (rng.uniform(size=count) < 0.8)
    return table._replace(columns=tuple(columns), m=drawn(table.m, picks(len(table.m))), B=B)


@pytest.mark.study
@pytest.mark.parametrize("structure", ["repeated", "small"])
def test_derivatives_of_many_extreme_films_are_those_of_jax(structure):
    plan, table = batch(structure, 300, seed=8)
    derivative, films = None, 500
    for block in range(BLOCKS):
        block_of = recombined(plan, table, films, block)
        # of half-metals 1 - P has ten digits, and so has what two codes make of it
        rng = np.random.default_rng(block)
        block_of = extremes(block_of, rng, 0.0) if block % 2 else endless_lengths(block_of, 200)
        derivative = assert_derivatives(kernel.sheet, plan, block_of, derivative=derivative)


def test_a_film_that_is_no_film_spoils_no_other(target):
    plan, table = batch("below_a_cap", 21, seed=6)
    thickness = np.array(table.columns[plan.kinds.index("Ferromagnet")]["thickness"])
    thickness[0, 5], thickness[1, 17] = np.nan, -np.inf
    columns = tuple(
        c | {"thickness": thickness} if k == "Ferromagnet" else c
        for k, c in zip(plan.kinds, table.columns, strict=True)
    )
    asked = every_number(plan, table)
    spoilt = native.sheet_jacobian(plan, table._replace(columns=columns), asked)
    others = np.delete(np.arange(21), (5, 17))
    for a, b in zip(spoilt, native.sheet_jacobian(plan, table, asked), strict=True):
        np.testing.assert_array_equal(a[..., others], b[..., others])
    assert np.isnan(spoilt[0][..., 5]).all()


def test_films_are_divided_over_threads_without_a_difference(monkeypatch):
    film = ss.Metal("Pt", thickness=np.linspace(1e-9, 9e-9, 5003), conductivity=4e6, spin_diffusion_length=2e-9,
                    spin_hall_angle=0.1) | ss.MagneticInsulator("I", mixing_conductance=3e14 + 1e14j)  # fmt: skip
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("SPINSTACK_THREADS", threads)
        found.append(ss.sheet_conductance(film, m=(0, 0.6, 0.8)))
    np.testing.assert_array_equal(*found)


def test_a_film_of_a_batch_is_that_film(monkeypatch):
    plan, table = batch("in_two_parts", 21, seed=6)
    whole = kernel.evaluate(kernel.sheet, plan, table)
    for i in (0, 7, 8, 20):
        one = jax.tree.map(lambda a, i=i: a[..., i : i + 1], table)
        np.testing.assert_array_equal(kernel.evaluate(kernel.sheet, plan, one)[..., 0], whole[..., i])


def test_what_the_kernel_does_not_know_is_left_to_jax():
    plan, table = batch("repeated", 2)
    more = table._replace(
        columns=tuple(c | {"an_effect_to_come": c["thickness"]} if "thickness" in c else c for c in table.columns)
    )
    assert native.knows("sheet", plan, table)
    assert not native.knows("sheet", plan, more)
    assert not native.knows("moving", plan, table)


def test_an_unknown_word_is_refused(monkeypatch):
    monkeypatch.setenv("SPINSTACK_KERNEL", "fast")
    with pytest.raises(ss.SpinstackError, match=r"SPINSTACK_KERNEL: got 'fast'. Allowed: off, base"):
        ss.sheet_conductance(ss.Metal("Pt", thickness=1e-9, conductivity=4e6, spin_diffusion_length=2e-9))


@pytest.mark.parametrize("word", ["0", "-1", "many", "1025", "4294967296", "\u0663"])
def test_a_number_of_threads_that_cannot_be_is_refused(monkeypatch, word):
    monkeypatch.setenv("SPINSTACK_THREADS", word)
    with pytest.raises(ss.SpinstackError, match=r"SPINSTACK_THREADS: got .*. Allowed: a whole number from 1 to 1024"):
        ss.sheet_conductance(ss.Metal("Pt", thickness=1e-9, conductivity=4e6, spin_diffusion_length=2e-9))


def test_a_damaged_library_is_told(monkeypatch, tmp_path):
    (tmp_path / native.file_name()).write_bytes(b"")
    monkeypatch.setattr(native, "__file__", str(tmp_path / "native.py"))
    with pytest.raises(ss.SpinstackError, match=r"can't be loaded: .* Install the package again"):
        native._library.__wrapped__()
