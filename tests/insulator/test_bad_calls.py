"""Magnets without meaning: the message names the argument and says what is allowed."""

import numpy as np
import pytest
from insulating_magnets import ANTI, GARNET, WEISS
from plain_films import Z

import spinstack as ss

GOOD = {
    ss.WeissMagnet: WEISS | {"anisotropy_field": 0.1},
    ss.WeissFerrimagnet: GARNET | {"anisotropy_field": 0.1},
    ss.WeissAntiferromagnet: ANTI | {"spin_flop_field": 9.0},
}
ALL = [(make, name) for make, good in GOOD.items() for name in good]
EVERY = pytest.mark.parametrize("make", GOOD)


def magnet(make, **changes):
    return make(**(GOOD[make] | changes))


@pytest.mark.parametrize(("make", "name"), ALL)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, [1.0, np.nan], "0.4", "5 K", True, 1 + 1j, [], {}])
def test_a_parameter_that_is_no_finite_number(make, name, value):
    with pytest.raises(ss.ParameterError, match=rf"{make.__name__}\.{name}\b.*got.*Allowed: "):
        magnet(make, **{name: value})


@pytest.mark.parametrize(("make", "name"), ALL)
def test_a_parameter_that_is_negative(make, name):
    if name.startswith(("exchange_coupling", "anisotropy", "intra")):
        magnet(make, **{name: -GOOD[make][name]})
        return
    for value in (-GOOD[make][name], [GOOD[make][name], -1.0]):
        with pytest.raises(ss.ParameterError, match=rf"{name}\b.*got .*too small"):
            magnet(make, **{name: value})


@EVERY
def test_a_spin_below_one_half(make):
    name = "spin_a" if make is ss.WeissFerrimagnet else "spin"
    for value in (0.0, 0.25, [0.5, 0.0]):
        with pytest.raises(ss.ParameterError, match=rf"{name}\b.*too small.*0\.5"):
            magnet(make, **{name: value})


@pytest.mark.parametrize(
    ("make", "name"),
    [
        *((make, "density_of_states") for make in GOOD),
        (ss.WeissMagnet, "coordination"),
        (ss.WeissFerrimagnet, "curie_temperature"),
        (ss.WeissFerrimagnet, "density_ratio"),
        (ss.WeissAntiferromagnet, "neel_temperature"),
    ],
)
def test_a_parameter_that_must_not_be_zero(make, name):
    with pytest.raises(ss.ParameterError, match=rf"{name}\b.*too small.*greater than 0"):
        magnet(make, **{name: 0.0})


REQUIRED = {
    ss.WeissMagnet: ["spin", "surface_density", "exchange_coupling", "density_of_states"],
    ss.WeissFerrimagnet: [
        "spin_a", "spin_b", "surface_density_a", "surface_density_b", "exchange_coupling_a", "exchange_coupling_b",
        "density_of_states", "curie_temperature",
    ],
    ss.WeissAntiferromagnet: ["spin", "neel_temperature", "surface_density", "exchange_coupling", "density_of_states"],
}  # fmt: skip


@pytest.mark.parametrize(("make", "name"), [(make, name) for make, names in REQUIRED.items() for name in names])
def test_a_parameter_that_is_needed(make, name):
    rest = {k: v for k, v in GOOD[make].items() if k != name}
    with pytest.raises(TypeError, match=name):
        make(**rest)
    with pytest.raises(ss.ParameterError, match=rf"{name}\b.*None"):
        make(**rest, **{name: None})


@pytest.mark.study
@EVERY
def test_what_may_be_left_out(make):
    names = REQUIRED[make]
    assert np.isfinite(make(**{k: v for k, v in GOOD[make].items() if k in names}).conductances(1.0, 4.0).mixing)


@EVERY
@pytest.mark.parametrize("name", ["bogus", "Spin", "curie"])
def test_a_parameter_that_does_not_exist(make, name):
    with pytest.raises(TypeError, match=name):
        magnet(make, **{name: 1.0})


@EVERY
def test_parameters_are_given_by_name(make):
    with pytest.raises(TypeError):
        make(*GOOD[make].values())


@pytest.mark.parametrize(
    "axis", [(0, 0, 0), (0, 1), (0, 0, 1, 0), (0, np.nan, 1), (0, 0, np.inf), "z", None, 1.0, [[0, 0, 1]], (1, "y", 0)]
)
@pytest.mark.parametrize(
    ("make", "name"), [*((make, "easy_axis") for make in GOOD), (ss.WeissAntiferromagnet, "hard_axis")]
)
def test_an_axis_without_direction(make, name, axis):
    with pytest.raises(ss.ParameterError, match=rf"(?s){name}: got .*Allowed: three numbers"):
        magnet(make, **{name: axis})


def test_an_axis_of_any_length():
    one, other = (magnet(ss.WeissMagnet, easy_axis=axis) for axis in ((0, 3, 4), (0, 0.6, 0.8)))
    np.testing.assert_allclose(one.equilibrium((1, 0, 0.1)), other.equilibrium((1, 0, 0.1)), rtol=1e-14)


@pytest.mark.parametrize("axis", [(1, 0, 0), (-2, 0, 0)])
def test_a_hard_axis_that_is_the_easy_one(axis):
    with pytest.raises(ss.ParameterError, match=r"hard_axis: got .*easy axis"):
        magnet(ss.WeissAntiferromagnet, easy_axis=(1, 0, 0), hard_axis=axis)


def test_more_neighbours_at_the_surface_than_inside():
    with pytest.raises(ss.ParameterError, match=r"surface_coordination: got .*coordination"):
        magnet(ss.WeissMagnet, surface_coordination=8.0)
    magnet(ss.WeissMagnet, surface_coordination=6.0)
    magnet(ss.WeissMagnet, surface_coordination=0.0)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("intra_a", {"intra_a": -1.5, "intra_b": -1.0}),
        ("intra_a", {"intra_a": -1.0}),
        ("intra_b", {"intra_b": [0.0, -1.6]}),
        ("intra_b", {"intra_b": -0.9, "density_ratio": 0.8}),
    ],
)
def test_couplings_inside_a_sublattice_that_are_stronger_than_the_order(name, changes):
    with pytest.raises(ss.ParameterError, match=rf"{name}: got .*weaker coupling"):
        magnet(ss.WeissFerrimagnet, **changes)


@pytest.mark.parametrize("intra", [-1.0, -2.0, 1.5])
def test_couplings_inside_an_antiferromagnet(intra):
    with pytest.raises(ss.ParameterError, match=r"intra\b.*got"):
        magnet(ss.WeissAntiferromagnet, intra=intra)


TEMPERATURES = [
    (-1e-9, "below 0"),
    (-300.0, "below 0"),
    ([4.0, -1.0], "below 0"),
    (np.nan, "finite"),
    ([4.0, np.nan], "finite"),
    (np.inf, "finite"),
    ("4 K", "which is text, not a number"),
    (None, "None"),
    ({}, "not a real number"),
    (4 + 1j, "not a real number"),
]


@EVERY
@pytest.mark.parametrize(("T", "words"), TEMPERATURES)
def test_a_temperature_that_is_none(make, T, words):
    one = magnet(make)
    for call in (
        lambda: one.conductances(1.0, T),
        lambda: one.order(1.0, T),
        lambda: one.sublattices(Z, Z, T),
    ):
        with pytest.raises(ss.ParameterError, match=rf"(?s)^T: got .*{words}.*Allowed"):
            call()
    if T is not None:
        with pytest.raises(ss.ParameterError, match=rf"(?s)^T: got .*{words}"):
            one.equilibrium(Z, T)


@EVERY
@pytest.mark.parametrize("B", [np.nan, np.inf, [1.0, np.nan], "1 T", None, {}])
def test_a_field_that_is_no_number(make, B):
    for call in (magnet(make).conductances, magnet(make).order):
        with pytest.raises(ss.ParameterError, match=r"(?s)^B: got .*Allowed: numbers in tesla"):
            call(B, 4.0)


@EVERY
@pytest.mark.parametrize(
    "B", [1.0, (0, 1), (0, np.nan, 1), (0, 0, np.inf), "z", None, np.ones((3, 2)), [[1, 2, 3], [1]]]
)
def test_a_field_that_is_no_vector(make, B):
    for call in (lambda: magnet(make).equilibrium(B), lambda: magnet(make).sublattices(Z, B, 4.0)):
        with pytest.raises(ss.ParameterError, match=r"(?s)^B: got .*three components in tesla"):
            call()


@EVERY
@pytest.mark.parametrize(
    ("m", "words"),
    [((0, 0, 0), "length zero"), ((0, np.nan, 1), "finite"), ((0, 1), "three"), ("up", "three"), (None, "three")],
)
def test_a_magnetisation_without_direction(make, m, words):
    with pytest.raises(ss.ParameterError, match=rf"(?s)^m: got .*{words}"):
        magnet(make).sublattices(m, Z, 4.0)


def test_a_magnetisation_without_a_field_to_follow():
    free = magnet(ss.WeissMagnet, anisotropy_field=0.0)
    for B in ((0, 0, 0), [Z, (0, 0, 0)]):
        for T in (None, 4.0):
            with pytest.raises(ss.ParameterError, match=r"^B: zero.*Give m"):
                free.equilibrium(B, T)
    # nothing is ordered, so no direction matters
    assert np.isfinite(free.equilibrium((0, 0, 0), 20.0)).all()
    assert np.isfinite(magnet(ss.WeissMagnet, anisotropy_field=0.0, curie_temperature=0.0).equilibrium((0, 0, 0))).all()
    # an easy axis holds it
    np.testing.assert_allclose(np.abs(magnet(ss.WeissMagnet).equilibrium((0, 0, 0))), Z, atol=1e-15)


@EVERY
def test_shapes_that_do_not_broadcast(make):
    three, two = np.ones(3), np.ones(2)
    for call in (
        lambda: magnet(make).conductances(three, two),
        lambda: magnet(make).order(three, two),
        lambda: magnet(make).sublattices(Z, np.ones((2, 3)), three),
        lambda: magnet(make, g_factor=three).conductances(1.0, two),
        lambda: magnet(make, g_factor=three, density_of_states=two * 1e46).conductances(1.0, 1.0),
    ):
        with pytest.raises(ss.ParameterError, match=r"shapes? .*broadcast"):
            call()


@EVERY
def test_conductances_beside_a_magnet(make):
    ss.MagneticInsulator("EuS", magnet=magnet(make))
    for name, value in (("spin_sink_conductance", 1e12), ("mixing_conductance", 1e14 + 1e13j)):
        with pytest.raises(ss.ParameterError, match=rf"{name}.*magnet"):
            ss.MagneticInsulator("EuS", magnet=magnet(make), **{name: value})


@pytest.mark.parametrize("value", [1.0, "weiss", ss.WeissMagnet, {}])
def test_a_magnet_that_is_none(value):
    with pytest.raises(ss.ParameterError, match=r"magnet: got .*WeissMagnet"):
        ss.MagneticInsulator("EuS", magnet=value)
