"""Efficiencies of torques: closed form, the fit of a whole map, Biot-Savart, and what is refused."""

from functools import partial

import numpy as np
import pytest
from random_films import seeded

import spinstack as ss
from spinstack.stack.film import magnet_labels

NM = 1e-9
MU0 = 4e-7 * np.pi
PT = ss.Metal("Pt", thickness=4 * NM, conductivity=4e6, spin_diffusion_length=1.7 * NM, spin_hall_angle=0.12)
CO = ss.Ferromagnet("Co", thickness=1.2 * NM, conductivity=3e6, spin_diffusion_length=8 * NM, polarization=0.4,
                    dephasing_length=0.4 * NM)  # fmt: skip
FACE = ss.Interface(conductance_up=6e14, conductance_down=4e14, mixing_conductance=8e14 + 0.7e14j)
BILAYER = PT | FACE | CO


def test_on_an_insulator_it_is_the_closed_form():
    G = 4e14 + 0.6e14j
    film = PT | ss.MagneticInsulator("YIG", mixing_conductance=G)
    x = PT.thickness / PT.spin_diffusion_length
    scaled = G * 2 * PT.spin_diffusion_length * np.tanh(x) / PT.conductivity
    expected = 0.12 * (1 - 1 / np.cosh(x)) * scaled / (scaled + np.tanh(x) ** 2)
    found = ss.torque_efficiency(film, "Pt", m="z")
    # in-plane directions of order theta^2 change the current density of Pt
    np.testing.assert_allclose(found.per_current_density.sel(magnet="YIG"), [expected.real, expected.imag], rtol=0.02)
    small = film.replace({"Pt.spin_hall_angle": 1e-4})
    found = ss.torque_efficiency(small, "Pt", m="z").per_current_density.values[0] / 1e-4 * 0.12
    np.testing.assert_allclose(found, [expected.real, expected.imag], rtol=1e-7)


def test_metal_above_the_magnet_gives_the_other_sign():
    below, above = (ss.torque_efficiency(f, "Pt", m="z").per_current_density.values for f in (BILAYER, CO | FACE | PT))
    assert below[0, 0] > 0.01
    np.testing.assert_allclose(above, -below, rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_they_are_the_torque_in_its_two_directions_for_any_field_and_film(seed):
    draw = seeded(seed)
    film = draw.repeated()
    m, E = draw.directions(film), np.array([3.0, -4.0])
    with pytest.raises(ss.ParameterError, match=r"E \[V/m\]: got \(0, 0\), an efficiency is a torque per field"):
        ss.torque_efficiency(film, "film", m=m, E=(0, 0))
    found = ss.torque_efficiency(film, "film", m=m, E=E)
    p = np.array([0.8, 0.6, 0.0])
    torque = ss.torque(film, m=m, E=E)
    for k, name in enumerate(magnet_labels(film)):
        c = found.torkance.values[k]
        told = 5.0 * (c[0] * np.cross(m[name], np.cross(p, m[name])) + c[1] * np.cross(p, m[name]))
        for v in (np.cross(p, m[name]), np.cross(m[name], np.cross(p, m[name]))):
            np.testing.assert_allclose(told @ v, torque[name].values @ v, rtol=1e-10, atol=1e-25)
    current = ss.layer_currents(film, m=m, E=E).sheet_current
    layers = [i for i, e in enumerate(film.elements) if hasattr(e, "conductivity")]
    j = current.values[layers].sum(0) @ E / 5.0 / sum(film[i].thickness for i in layers)
    np.testing.assert_allclose(found.current_density, j, rtol=1e-13)
    xi = found.torkance * (2 * 1.602176634e-19 / 1.054571817646156e-34)
    np.testing.assert_allclose(found.per_field, xi, rtol=1e-13)
    np.testing.assert_allclose(found.per_current_density, xi * 5.0 / j, rtol=1e-13)


def test_they_are_those_of_the_fitted_map():
    fit = ss.fit_harmonics(ss.torque_map(BILAYER), lmax=4)
    sigma = float(ss.torque_efficiency(BILAYER, "Pt", m="z").current_density)
    fitted = ss.efficiencies(fit, sigma)
    found = ss.torque_efficiency(BILAYER, "Pt", m="z")
    # the projection averages over m what is taken at one m here
    np.testing.assert_allclose(found.per_field[0], fitted.per_field, rtol=0.02)
    fields = ss.effective_fields(fitted, 1.2e6, CO.thickness, field=2e4)
    own = ss.torque_efficiency(BILAYER, "Pt", {"Co": 1.2e6}, m="z", E=(2e4, 0.0)).effective_field
    np.testing.assert_allclose(own[0], fields.effective_field, rtol=0.02)
    assert own.ferromagnet.values.tolist() == ["Co"]


def test_the_oersted_field_is_that_of_sheets_of_current():
    film = PT | FACE | CO | FACE.replace(magnet="Co") | PT.replace(name="Ta", thickness=2 * NM, conductivity=1e6)
    E = np.array([2e4, 1e4])
    inside = ss.profile(film, 401, m="z", E=E)
    z, j = inside.z.values, inside.j.values @ E / np.hypot(*E)
    middle = film[0].thickness + film[2].thickness / 2
    field = MU0 / 2 * np.trapezoid(np.where(z < middle, j, -j), z)  # contacts have no current of their own
    own = np.trapezoid(*[np.where(abs(z - middle) <= CO.thickness / 2, v, 0) for v in (j, z)])
    found = ss.torque_efficiency(film, "Pt", m="z", E=E).oersted_field
    assert found.dims == ("magnet",)
    np.testing.assert_allclose(found, -field, atol=MU0 * 1e-3 * abs(own), rtol=2e-3)
    assert found < 0  # more current below: along -p, as a field along -y for current along x


@pytest.mark.study
def test_batches_gradients_and_models():
    m = np.array([[0, 0, 1.0], [1, 0, 0], [1, 0.3, 0.2]])
    found = ss.torque_efficiency(BILAYER, "Pt", {"Co": 1e6}, m=m)
    assert found.per_field.dims == ("batch_0", "magnet", "torque")
    one = ss.torque_efficiency(BILAYER, "Pt", {"Co": 1e6}, m=m[2])
    for name in one:
        np.testing.assert_allclose(found[name].values[2], one[name].values, rtol=1e-13)
    films = BILAYER.replace({"Pt.thickness": np.array([2.0, 4.0]) * NM})
    assert ss.torque_efficiency(films, "Pt", {"Co": 1e6}, m="z").effective_field.shape == (2, 1, 2)
    call = partial(ss.torque_efficiency, reference="Pt", magnetization={"Co": 1e6}, m="z")
    slope = ss.gradient(BILAYER, call)["Pt.thickness"]
    step = 1e-4 * PT.thickness
    up, down = (call(BILAYER.replace({"Pt.thickness": PT.thickness + s})) for s in (step, -step))
    for name in up:
        difference = (up[name].values - down[name].values) / (2 * step)
        size = np.abs(difference).max()
        np.testing.assert_allclose(np.asarray(slope[name]), difference, rtol=0, atol=1e-6 * size)
    model = ss.compile(BILAYER, ["Pt.thickness"], ss.torque_efficiency, variables="per_current_density",
                       reference="Pt", m="z")  # fmt: skip
    np.testing.assert_allclose(model(model.x0), one_value(), rtol=1e-12)


def one_value():
    return ss.torque_efficiency(BILAYER, "Pt", m="z").per_current_density.values.ravel()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"reference": "Au", "m": "z"}, "reference: got 'Au'"),
        ({"reference": "Pt", "m": "y"}, "along which Co lies"),
        ({"reference": "Pt", "magnetization": {"Pt": 1e6}, "m": "z"}, "magnetization: got 'Pt'"),
        ({"reference": "Pt", "magnetization": {"Co": -1.0}, "m": "z"}, "magnetization['Co']"),
        ({"reference": "Pt", "magnetization": {}, "m": "z"}, "magnetization: got {}"),
        ({"reference": "Pt"}, "m: missing"),
    ],
)  # fmt: skip
def test_what_is_refused(arguments, words):
    with pytest.raises(ss.ParameterError) as caught:
        ss.torque_efficiency(BILAYER, **arguments)
    assert words in str(caught.value)


def test_a_film_without_magnets_is_refused():
    with pytest.raises(ss.ParameterError, match="no magnet"):
        ss.torque_efficiency(ss.Film((PT,)), "Pt")
