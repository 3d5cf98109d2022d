"""Films with laws in every observable, theory, derivative, file and fit: what their numbers give at a temperature."""

from functools import partial

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lawful_films import KNOTS, RESISTIVITY, cobalt, lawful, platinum, random_law, resistivity, steps
from plain_films import nm
from random_films import Draw

import spinstack as ss
from spinstack.fitting import Data, LogUniform, Problem, Sample, Uniform, Unknown, fit_film
from spinstack.samples.sample_file import film_from_document, parse_document, sample_text

T = [0.0, 3.0, 80.0, 350.0]
OBLIQUE = (0.48, 0.6, 0.64)


def smr(film):
    """The closed form of the spin Hall magnetoresistance of a metal on a perfect spin sink, Chen et al. (2013)."""
    p, G = film[1].numbers(), film[0].mixing_conductance.real
    x, theta = p["thickness"] / p["spin_diffusion_length"], p["spin_hall_angle"][1, 0]
    g = 2 * p["spin_diffusion_length"] * G / p["conductivity"]
    change = theta**2 / x * np.tanh(x / 2) ** 2 * g / (1 + g / np.tanh(x))
    return change / (1 + theta**2 - 2 * theta**2 / x * np.tanh(x / 2))


def test_the_chain_of_laws_is_the_closed_form_at_every_temperature():
    film = ss.MagneticInsulator("YIG", mixing_conductance=4e14) | platinum(
        conductivity=resistivity(), spin_hall_angle=ss.SpinHallScaling(intrinsic=1.6e5)
    )
    gap = ss.smr_gap(film, T)
    for kelvin, ratio in zip(T, gap.ratio.values, strict=True):
        rho = 1 / resistivity().number(kelvin, {})
        numbers = film.replace(
            {"Pt.conductivity": 1 / rho, "Pt.spin_diffusion_length": 0.77e-15 / rho, "Pt.spin_hall_angle": 1.6e5 * rho}
        )
        y, z = (ss.sheet_conductance(numbers, m=m)[0, 0] for m in ("y", "z"))
        assert ratio == pytest.approx(y / z - 1, rel=1e-9)
        assert ratio == pytest.approx(smr(numbers), rel=3 * (1.6e5 * rho) ** 2)


@pytest.mark.parametrize(
    ("observable", "given"),
    [
        (ss.sheet_resistance, {"m": OBLIQUE, "B": (0.3, -0.2, 0.5)}),
        (ss.magnetoresistance, {"plane": "beta"}),
        (ss.torque, {"m": OBLIQUE}),
        (ss.perpendicular_resistance, {"m": OBLIQUE}),
        (ss.average_spin_current, {"m": OBLIQUE, "layer": "Pt"}),
    ],
)
def test_an_observable_at_temperatures_is_that_of_the_numbers(observable, given):
    film, read = lawful(), (lambda found: found.Co.values) if observable is ss.torque else np.asarray
    found = read(observable(film, T=T, **given))
    for kelvin, one in zip(T, found, strict=True):
        np.testing.assert_allclose(one, read(observable(film.at(kelvin), **given)), rtol=1e-11, atol=1e-30)


def test_a_temperature_scan_is_the_resistance_at_each():
    scan = ss.temperature_scan(lawful(), T, m=["x", "z"])
    for kelvin in T:
        for m in "xz":
            alone = ss.sheet_resistance(lawful().at(kelvin), m=m)[0, 0]
            assert float(scan.R_xx.sel(temperature=kelvin, direction=m)) == pytest.approx(alone, rel=1e-12)
    assert float(scan.R_xx[0, 0]) < float(scan.R_xx[-1, 0])


def test_profiles_are_those_of_the_numbers():
    film = lawful()
    one, other = ss.profile(film, m=OBLIQUE, T=150.0), ss.profile(film.at(150.0), m=OBLIQUE)
    for name in ("mu", "Q", "mu_c"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-12, atol=1e-30)


@pytest.mark.study
def test_slopes_and_scans_across_the_film_are_those_of_the_numbers():
    insulator = ss.MagneticInsulator("YIG", mixing_conductance=4e14 + 2e13j) | platinum(diffusion_coefficient=1e-4)
    two = cobalt() | platinum() | cobalt().replace(name="Co2")
    slopes = ss.initial_slope(insulator, T=T)
    for kelvin, slope in zip(T, slopes, strict=True):
        assert float(slope) == pytest.approx(float(ss.initial_slope(insulator.at(kelvin))), rel=1e-10)
    scan = {"angles": [0.0, 90.0, 180.0], "m": {"Co": "y"}}
    one, other = ss.perpendicular_scan(two, T=80.0, **scan), ss.perpendicular_scan(two.at(80.0), **scan)
    np.testing.assert_allclose(one.torque, other.torque, rtol=1e-12, atol=1e-30)


def test_values_of_laws_are_told_with_units():
    found = ss.law_values(lawful(), T)
    assert found["Pt.conductivity"].attrs["units"] == "S/m"
    assert found["Pt.conductivity"].values[0] == pytest.approx(1 / RESISTIVITY["residual_resistivity"])
    np.testing.assert_allclose(found["Pt.spin_diffusion_length"] / found["Pt.conductivity"], 0.77e-15, rtol=1e-13)
    assert found["Pt|Co.mixing_conductance.imag"].values[0] == pytest.approx(5e13)
    with pytest.raises(ss.ParameterError, match="nothing follows a law"):
        ss.law_values(lawful().at(10.0), T)
    repeated = (platinum() | cobalt()) * 2
    assert [str(n) for n in ss.law_values(repeated, T)][:2] == ["Pt.conductivity", "Pt.spin_diffusion_length"]


# both theories


def without_anisotropy():
    return platinum() | cobalt()


def test_the_boltzmann_equation_reads_the_same_numbers():
    solver, film = ss.Boltzmann(rtol=1e-3), without_anisotropy()
    scan = ss.temperature_scan(film, [3.0, 350.0], m="y", solver=solver)
    for kelvin, one in zip((3.0, 350.0), scan.R_xx.values, strict=True):
        assert one == pytest.approx(ss.sheet_resistance(film.at(kelvin), m="y", solver=solver)[0, 0], rel=1e-12)


def test_a_barrier_hears_of_the_resistivity_around_it():
    joint = ss.Interface(scattering=ss.DeltaBarrier(barrier=0.4, exchange=0.2, rashba=0.05, fermi_wavevector=1.36e10))
    film = platinum() | joint | cobalt()
    found = ss.magnetoresistance(film, "beta", T=T)
    for kelvin, one in zip(T, found, strict=True):
        assert one == pytest.approx(float(ss.magnetoresistance(film.at(kelvin), "beta")), rel=1e-7)


@pytest.mark.study
@pytest.mark.parametrize("solver", [None, ss.Boltzmann(rtol=1e-3)])
def test_derivatives_by_numbers_of_laws_are_those_of_differences(solver):
    film = without_anisotropy()
    observable = partial(ss.sheet_resistance, m="y", T=120.5, solver=solver)
    found = ss.gradient(film, observable)
    paths = ["Pt.conductivity.residual_resistivity", "Pt.conductivity.resistivity_slope", "Co.conductivity.factor"]
    paths += ["Pt.conductivity.debye_temperature", "Pt.spin_diffusion_length.resistivity_times_length"]
    paths += ["Pt.spin_hall_angle.intrinsic", "Pt.spin_hall_angle.skew", "Co.polarization.value_at_zero"]
    for path in paths:
        up, down = steps(film.get(path))
        ends = [observable(film.replace({path: value}))[0, 0] for value in (up, down)]
        assert float(found[path][0, 0]) == pytest.approx((ends[0] - ends[1]) / (up - down), rel=2e-4)
    assert found["Co.conductivity.resistivities"].shape == (2, 2, len(KNOTS))


@pytest.mark.study
def test_the_derivative_by_temperature_is_that_of_differences_and_zero_at_zero():
    film = ss.Film((platinum(),))

    def resistance(kelvin):
        return ss.sheet_resistance(film, T=kelvin)[0, 0]

    slope = jax.grad(resistance)
    assert float(slope(90.0)) == pytest.approx((resistance(90.01) - resistance(89.99)) / 0.02, rel=1e-7)
    assert float(slope(0.0)) == 0
    assert float(jax.jit(resistance)(90.0)) == pytest.approx(resistance(90.0), rel=1e-13)


def test_a_compiled_model_moves_numbers_of_laws():
    free = ["Pt.conductivity.residual_resistivity", "Pt.conductivity.resistivity_slope", "Pt|Co.filtering.factor"]
    film = lawful()
    model = ss.compile(film, free=free, observable=ss.sheet_resistance, m="y", T=T)
    x = np.array([[1e-7, 3e-10, 1.0], [2e-7, 5e-10, 0.3]])
    values, J = model.value_and_jacobian(x)
    for point, value in zip(x, values, strict=True):
        alone = ss.sheet_resistance(film.replace(dict(zip(free, point, strict=True))), m="y", T=T)
        np.testing.assert_allclose(value.reshape(len(T), 2, 2)[:, 0, 0], alone[:, 0, 0], rtol=1e-11)
    assert np.isfinite(J).all()


@pytest.mark.parametrize(
    ("path", "words"),
    [("Pt.conductivity", "Pt.conductivity.residual_resistivity"), ("Pt|Co.filtering.values", "Pt|Co.filtering.factor")],
)
def test_a_law_or_a_table_as_a_whole_is_not_free(path, words):
    with pytest.raises(ss.ParameterError, match=words.replace("|", r"\|")):
        ss.compile(lawful(), free=[path], observable=ss.sheet_resistance, m="y", T=10.0)


def test_a_sweep_runs_over_a_number_of_a_law():
    over = {"Pt.conductivity.residual_resistivity": [1e-7, 2e-7], "Pt.thickness": [2 * nm, 4 * nm, 6 * nm]}
    swept = ss.sweep(lawful(), over, partial(ss.magnetoresistance, plane="beta", T=77.0)).magnetoresistance
    assert swept["Pt.conductivity.residual_resistivity"].attrs["units"] == "ohm m"
    at = lawful(**{"Pt.conductivity.residual_resistivity": 2e-7, "Pt.thickness": 4 * nm})
    assert float(swept[1, 1]) == pytest.approx(float(ss.magnetoresistance(at, "beta", T=77.0)), rel=1e-9)


def test_a_fit_finds_residual_resistivity_and_slope_again():
    film = platinum() | cobalt()
    paths = ["Pt.conductivity.residual_resistivity", "Pt.conductivity.resistivity_slope"]
    kelvin = [5.0, 40.0, 80.0, 150.0, 300.0]
    scan = {"T": kelvin, "m": "y"}
    R = np.asarray(ss.temperature_scan(film, **scan).R_xx)
    data = Data("film", ss.temperature_scan, R, 1e-4 * R, scan, "R_xx")
    unknowns = [Unknown(paths[0], LogUniform(3e-8, 1e-6)), Unknown(paths[1], Uniform(1e-10, 1e-9))]
    problem = Problem([Sample("film", film.replace({paths[0]: 4e-7, paths[1]: 2e-10}))], unknowns, [data])
    found = fit_film(problem, starts=4)
    for path, value in zip(paths, found["value"].values, strict=True):
        assert float(value) == pytest.approx(film.get(path), rel=1e-5)


# invariants


@pytest.mark.study
@given(st.data())
def test_random_films_with_random_laws_are_their_numbers(data):
    draw = Draw(lambda low, high: data.draw(st.floats(low, high, allow_nan=False)))
    film, at = draw.below_a_cap(), draw.uniform(0.0, 400.0)
    film = film.replace({path: 1.0 for path in film.parameters() if path.endswith(".reciprocal")})
    film = film.replace({"N.spin_splitter": None})  # which is odd in a vector that would have to turn round, too
    paths = ["N.conductivity", "F.conductivity", "F.dephasing_length", "K.amr_ratio", "F.anomalous_hall_angle"]
    changed = film.replace({path: random_law(draw, film.get(path)) for path in paths})
    m, B = {name: draw.direction() for name in ("below", "F", "K")}, 0.1 * draw.field()
    found = ss.sheet_conductance(changed, m=m, B=B, T=at)
    np.testing.assert_allclose(found, ss.sheet_conductance(changed.at(at), m=m, B=B), rtol=1e-13)
    back = ss.sheet_conductance(changed, m={name: -v for name, v in m.items()}, B=-B, T=at)
    np.testing.assert_allclose(back, found.T, rtol=1e-9)


# files


def test_a_film_with_laws_is_read_back_to_the_last_bit():
    film = lawful(**{"Pt.spin_diffusion_length.dyakonov_perel_length": 7 * nm})
    text = sample_text(film)
    back = film_from_document(parse_document(text))
    assert back == film
    assert sample_text(back) == text
    assert 'kind = "elliott_yafet"' in text


def test_files_have_laws_in_units():
    text = """spinstack = 1
[[film]]
kind = "metal"
name = "Pt"
thickness = "3 nm"
resistivity = {kind = "bloch_gruneisen", residual_resistivity = "15 uOhm cm", resistivity_slope = "0.04 uOhm cm/K", debye_temperature = "240 K"}
spin_diffusion_length = {kind = "elliott_yafet", resistivity_times_length = "0.77 fOhm m^2"}
spin_hall_angle = {kind = "spin_hall_scaling", intrinsic = "1600 (hbar/2e) S/cm", skew = "2 %"}
"""  # noqa: E501
    film = film_from_document(parse_document(text))
    expected = platinum(spin_hall_angle=ss.SpinHallScaling(intrinsic=1.6e5, skew=0.02))
    assert sample_text(film) == sample_text(ss.Film((expected.replace(thickness=3e-9),)))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('conductivity = {kind = "elliott_yafet"}', "no law of conductivity"),
        ('conductivity = {kind = "bloch_gruneisen", residual_resistivity = "15 uOhm cm"}', 'resistivity_slope = "0.04'),
        ('conductivity = {kind = "tabulated", temperatures = [4, 300], values = ["1 S/m"]}', 'Write "4.0 K"'),
        ('conductivity = {kind = "tabulated", temperatures = ["4 K", "9 K"], values = ["1 nm", "2 S/m"]}', "values[0]"),
        ('conductivity = {kind = "tabulated", temperatures = "4 K", values = ["1 S/m"]}', "a list of values"),
        ('conductivity = {kind = "tabulated", values = ["1 S/m"]}', 'temperatures = ["10 K", "300 K"]'),
        ("resistivity = {}", "bloch_gruneisen"),
        ('thickness = {kind = "tabulated"}', "not a quantity"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_law_has_its_line(line, words):
    rest = {"thickness": '"3 nm"', "conductivity": '"4e6 S/m"', "spin_diffusion_length": '"2 nm"'}
    own = {"resistivity": "conductivity"}.get(key := line.split()[0], key)
    lines = [f"{name} = {value}" for name, value in rest.items() if name != own]
    text = "\n".join(["spinstack = 1", "[[film]]", 'kind = "metal"', 'name = "Pt"', line, *lines])
    with pytest.raises(ss.SampleError) as caught:
        film_from_document(parse_document(text))
    assert words in str(caught.value)
    assert "line 5" in str(caught.value)
