"""Laws by themselves and in a layer: closed forms, what they follow, what they refuse."""

import re

import jax
import numpy as np
import pytest
from lawful_films import KNOTS, RESISTIVITY, cobalt, lawful, platinum, resistivity
from plain_films import barrier, ferromagnet, metal, nm

import spinstack as ss

RHO = RESISTIVITY["residual_resistivity"]


@pytest.mark.parametrize("T", [0.0, 4.0, 77.0, 300.0, 900.0])
def test_collisions_alone_keep_resistivity_times_length(T):
    pt = ss.Film((platinum(),)).at(T)[0]
    assert pt.spin_diffusion_length / pt.conductivity == pytest.approx(0.77e-15, rel=1e-14)


def test_rates_of_both_mechanisms_of_relaxation_add():
    law = ss.ElliottYafet(resistivity_times_length=0.8e-15, dyakonov_perel_length=5 * nm)
    sigma = np.array([1e3, 4e6, 1e12])
    found = law.number(None, {"conductivity": sigma})
    np.testing.assert_allclose(found**-2.0, (0.8e-15 * sigma) ** -2 + (5 * nm) ** -2, rtol=1e-13)
    # bad metals relax by collisions, good ones by precession between them
    assert found[0] == pytest.approx(0.8e-12, rel=1e-6)
    assert found[-1] == pytest.approx(5 * nm, rel=1e-6)


def test_the_hall_resistivity_is_the_sum_of_its_mechanisms():
    law = ss.SpinHallScaling(intrinsic=1.6e5, skew=0.02, phonon_skew=-0.01, side_jump=3e4, residual_resistivity=RHO)
    rho = np.array([1.5e-7, 2.5e-7, 6e-7])
    hall = rho * law.number(None, {"conductivity": 1 / rho})
    np.testing.assert_allclose(hall, 0.02 * RHO - 0.01 * (rho - RHO) + 3e4 * RHO**2 + 1.6e5 * rho**2, rtol=1e-13)


def test_the_intrinsic_part_is_the_spin_hall_conductivity():
    one = platinum(spin_hall_angle=ss.SpinHallScaling(intrinsic=1.6e5))
    other = platinum(spin_hall_angle=0.0, spin_hall_conductivity=1.6e5)
    found = [ss.sheet_resistance(p | cobalt(), m=(0.2, 0.5, 0.7), T=150.0) for p in (one, other)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-13)


def test_skew_scattering_takes_the_residual_resistivity_of_the_conductivity():
    pt = platinum(spin_hall_angle=ss.SpinHallScaling(skew=0.02))
    for rest in (RHO, 3e-7):
        film = ss.Film((pt.replace(**{"conductivity.residual_resistivity": rest}),)).at(200.0)
        assert film.get("Pt.spin_hall_angle[y,x]") == pytest.approx(0.02 * rest * film[0].conductivity, rel=1e-13)


def test_spin_waves_take_the_three_half_power():
    law = ss.BlochLaw(value_at_zero=0.5, vanishing_temperature=1000.0)
    T = np.array([0.0, 10.0, 40.0])
    lost = 0.5 - law.number(T, {})
    assert lost[0] == 0
    assert lost[2] / lost[1] == pytest.approx(8.0)
    assert law.number(1000.0, {}) == 0
    assert jax.grad(lambda t: law.number(t, {}))(0.0) == 0


def test_a_table_is_its_values_and_straight_lines():
    law = ss.Tabulated((4, 100, 300), values=[1.0, 3.0, 2.0], factor=2.0)
    np.testing.assert_allclose(law.number(np.array([4.0, 52.0, 100.0, 200.0, 300.0]), {}), [2, 4, 6, 5, 4])
    T = np.random.default_rng(1).uniform(4, 300, (3, 2))  # the shape of a tensor
    np.testing.assert_allclose(law.number(T, {}), 2 * np.interp(T, (4, 100, 300), (1, 3, 2)), rtol=1e-14)


def test_a_table_of_resistivities_is_straight_in_these():
    law = ss.TabulatedResistivity((0, 100), resistivities=[1e-7, 3e-7])
    assert 1 / law.number(50.0, {}) == pytest.approx(2e-7)


def test_a_length_follows_a_conductivity_that_is_a_number_without_temperature():
    film = metal("Pt", spin_diffusion_length=ss.ElliottYafet(resistivity_times_length=1e-15)) | ferromagnet()
    swept = film.replace({"Pt.conductivity": [2e6, 4e6]})
    found = ss.sheet_resistance(swept, m="z")
    for sigma, one in zip((2e6, 4e6), found, strict=True):
        plain = film.replace({"Pt.conductivity": sigma, "Pt.spin_diffusion_length": 1e-15 * sigma})
        np.testing.assert_allclose(one, ss.sheet_resistance(plain, m="z"), rtol=1e-14)


def test_an_angle_follows_a_conductivity_that_follows_from_a_mean_free_path():
    given = {
        "thickness": 3 * nm,
        "mean_free_path": 5 * nm,
        "fermi_wavevector": 1.36e10,
        "spin_diffusion_length": 3 * nm,
    }
    film = ss.Film((ss.Metal("Pt", **given, spin_hall_angle=ss.SpinHallScaling(intrinsic=1e5)),))
    sigma = film.at(None)[0].numbers()["conductivity"]
    assert film.at(None).get("Pt.spin_hall_angle[y,x]") == pytest.approx(1e5 / sigma, rel=1e-14)


# what a film with laws is


def test_numbers_of_laws_are_addressed_by_path():
    film = lawful()
    path = "Pt.conductivity.residual_resistivity"
    assert film.get(path) == RHO
    assert film.specification(path).unit == "ohm m"
    assert film.specification("Co.polarization.value_at_zero").high == 1
    assert film.specification("Pt|Co.filtering.values").unit == "S/m"
    assert film.replace({path: 2e-7}).get("Pt.conductivity").residual_resistivity == 2e-7
    assert isinstance(film.get("Pt.conductivity"), ss.BlochGruneisen)
    assert "Pt.conductivity" not in film.parameters()
    assert path in film.parameters()


def test_a_law_is_replaced_by_a_number_and_by_another_law():
    film = lawful().replace({"Pt.conductivity": 3e6, "Pt.spin_hall_angle": 0.1, "Co.spin_hall_angle": 0.0})
    assert film.get("Pt.conductivity") == 3e6
    again = film.replace({"Pt.conductivity": resistivity()})
    assert again.get("Pt.conductivity") == resistivity()


def test_a_film_without_laws_is_itself_at_every_temperature():
    film = metal() | ferromagnet()
    assert film.at(300.0) is film
    assert film.at(None) is film


def test_repr_is_what_makes_the_film():
    film = platinum() | cobalt()
    made = eval(repr(film), {name: getattr(ss, name) for name in ss.__all__} | {"array": np.array})
    assert repr(film) == repr(made)  # which shows 15 digits


def test_films_are_equal_where_their_laws_are():
    assert lawful() == lawful()
    assert lawful() != lawful(**{"Pt.conductivity.debye_temperature": 241.0})
    assert lawful() != lawful().at(100.0)
    assert len({lawful(), lawful()}) == 1


@pytest.mark.parametrize("shape", [(3,), (2, 1), (3, 2), (2, 3, 2)])
def test_temperatures_make_a_batch_whatever_their_shape(shape):
    T = np.linspace(0.0, 399.0, int(np.prod(shape))).reshape(shape)
    film = lawful()
    found = ss.sheet_resistance(film, m=(0.2, 0.5, 0.7), T=T)
    assert found.shape == (*shape, 2, 2)
    for at in np.ndindex(shape):
        np.testing.assert_allclose(found[at], ss.sheet_resistance(film.at(T[at]), m=(0.2, 0.5, 0.7)), rtol=1e-13)


def test_temperatures_run_along_a_batch_or_across_it():
    film = lawful().replace({"Pt.conductivity.residual_resistivity": [1e-7, 2e-7]})
    along = ss.sheet_resistance(film, m="y", T=[10.0, 300.0])
    across = ss.sheet_resistance(film, m="y", T=[[10.0], [200.0], [300.0]])
    assert across.shape == (3, 2, 2, 2)
    np.testing.assert_allclose(along[0], across[0, 0], rtol=1e-14)
    np.testing.assert_allclose(along[1], across[2, 1], rtol=1e-14)


def test_a_tensor_beside_laws_stays_a_tensor():
    tensor = np.array([[0.01, -0.1], [0.12, 0.02], [0.03, -0.04]])
    film = platinum(spin_hall_angle=tensor, spin_splitter=tensor / 2) | cobalt()
    found = ss.sheet_resistance(film, m=(0.2, 0.5, 0.7), T=[20.0, 200.0])
    for T, one in zip((20.0, 200.0), found, strict=True):
        np.testing.assert_allclose(one, ss.sheet_resistance(film.at(T), m=(0.2, 0.5, 0.7)), rtol=1e-14)


# refusals


def refused(make, *words):
    with pytest.raises(ss.ParameterError) as caught:
        make()
    for word in words:
        assert word in str(caught.value)


def test_a_law_of_temperature_without_one_is_refused_in_words():
    paths = ("Pt.conductivity", "Co.polarization", "Pt|Co.filtering", "T=300")
    refused(lambda: ss.sheet_resistance(lawful(), m="y"), "T: missing", *paths)
    refused(lambda: ss.angular_scan(lawful()), "T: missing", *paths)
    refused(lambda: ss.sheet_resistance(lawful(), m="y", T=-1.0), "below 0")
    refused(lambda: ss.compile(lawful(), free=["Pt.thickness"], observable=ss.sheet_resistance, m="y"), "T: missing")


def test_a_table_ends_where_it_ends_and_spin_waves_too():
    refused(lambda: lawful().at(401.0), "from 0 to 400 K", "401")
    film = metal() | ferromagnet(polarization=ss.BlochLaw(value_at_zero=0.4, vanishing_temperature=500.0))
    refused(lambda: film.at(501.0), "Co.polarization", "vanishing_temperature = 500 K")


def test_values_that_a_law_gives_are_checked_like_numbers():
    film = metal() | ferromagnet(polarization=ss.Tabulated((0, 300), values=[0.9, 0.5], factor=1.5))
    refused(lambda: film.at(0.0), "polarization", "1.35", "T = 0 K")
    assert film.at(300.0).get("Co.polarization") == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: metal(conductivity=ss.ElliottYafet(resistivity_times_length=1e-15)), "BlochGruneisen"),
        (lambda: metal(thickness=ss.Tabulated((0, 1), values=[1e-9, 2e-9])), "cannot follow a law"),
        (lambda: metal(spin_splitter=ss.Tabulated((0, 1), values=[0.1, 0.2])), "cannot follow a law"),
        (lambda: metal(spin_hall_angle=ss.SpinHallScaling(skew=0.1)), "residual_resistivity"),
        (lambda: metal(conductivity=ss.Tabulated((0, 1), values=[1e6, -1e6])), "greater than 0"),
        (lambda: metal(conductivity=ss.Tabulated((0, 1), values=[1e6, 1e6j])), "complex"),
        (lambda: ferromagnet(polarization=ss.BlochLaw(value_at_zero=1.2, vanishing_temperature=900.0)), "1.2"),
        (lambda: metal(conductivity=metal()), "of type Metal"),
        (lambda: barrier(exchange=ss.Tabulated((0, 1), values=[0.1, 0.2])), "cannot follow a law"),
        (lambda: metal(spin_hall_angle=ss.SpinHallScaling(intrinsic=1e5), spin_hall_conductivity=1e5), "Give one"),
        (lambda: resistivity(residual_resistivity=0.0, resistivity_slope=0.0), "nothing resists"),
        (lambda: resistivity(debye_temperature=0.0), "debye_temperature"),
        (
            lambda: ss.Metal(
                "Pt", thickness=3 * nm, mean_free_path=5 * nm, fermi_wavevector=1.36e10,
                spin_diffusion_length=ss.ElliottYafet(resistivity_times_length=1e-15),
            ),
            "conductivity",
        ),
        (lambda: ss.Tabulated((0, 1), values=[1.0]), "2 temperatures"),
        (lambda: ss.Tabulated((1, 0), values=[1.0, 2.0]), "rising"),
        (lambda: ss.Tabulated((0,), values=[1.0]), "two or more"),
        (lambda: ss.Tabulated((0, 1), values=1.0), "one number"),
        (lambda: ss.Tabulated((0, 1), values=[1.0, np.nan]), "NaN"),
        (lambda: lawful().get("Pt.spin_hall_angle[y,x]"), "follows a law"),
        (lambda: lawful().replace({"Pt|Co.mixing_conductance.real": 1e14}), "follows a law"),
        (lambda: lawful().get("Pt.conductivity.slope"), "residual_resistivity"),
        (lambda: platinum().replace(**{"conductivity": 1e6, "conductivity.debye_temperature": 200.0}), "as a whole"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(ss.ParameterError, match=re.escape(words)):
        make()


def test_knots_are_those_of_the_table():
    assert lawful().get("Pt|Co.filtering").temperatures == KNOTS


def test_inside_a_transformation_there_is_no_value_where_there_is_none():
    table = ss.Tabulated((10, 300), values=[1.0, 2.0])
    waves, measured = (
        ss.BlochLaw(value_at_zero=0.5, vanishing_temperature=400.0),
        ss.Measured(measured=0.3, temperature=4.2),
    )
    for law, inside, outside in ((table, 100.0, 5.0), (waves, 100.0, 500.0), (measured, 5.0, 50.0)):
        value = jax.jit(lambda T, law=law: law.number(T, {}))
        assert float(value(inside)) == pytest.approx(float(law.number(inside, {})), rel=1e-14)
        assert np.isnan(value(outside))


def test_numbers_of_a_layer_with_laws_are_those_of_the_film_at_a_temperature():
    refused(lambda: platinum().numbers(), "follows a law", "film.at(300)")
    assert ss.Film((platinum(),)).at(300.0)[0].numbers()["conductivity"] > 0
