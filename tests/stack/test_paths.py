"""Paths: parts of complex numbers and components of tensors, and what is a tensor and what a batch of numbers."""

import jax
import numpy as np
import pytest
import xarray as xr

import spinstack as ss

NM = 1e-9
THETA = np.array([[0.01, -0.1], [0.2, 0.02], [0.03, -0.04]])
FILM = ss.Metal(
    "RuO2", thickness=3 * NM, conductivity=3e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=THETA
) | ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 1e13j)
NUMBER = FILM.replace({"RuO2.spin_hall_angle": 0.1})
M = (0.3, 0.5, 0.4)


@pytest.mark.parametrize(("i", "spin"), list(enumerate("xyz")))
@pytest.mark.parametrize(("k", "field"), list(enumerate("xy")))
def test_a_component_is_read_and_replaced_alone(i, spin, k, field):
    path = f"RuO2.spin_hall_angle[{spin},{field}]"
    assert path in FILM
    assert FILM.get(path) == THETA[i, k]
    expected = THETA.copy()
    expected[i, k] = 0.5
    np.testing.assert_array_equal(FILM.replace({path: 0.5}).get("RuO2.spin_hall_angle"), expected)


def test_components_of_a_number_are_those_of_its_tensor():
    assert NUMBER.get("RuO2.spin_hall_angle[y,x]") == 0.1
    assert NUMBER.get("RuO2.spin_hall_angle[x,y]") == -0.1
    assert NUMBER.get("RuO2.spin_hall_angle[z,x]") == 0
    np.testing.assert_array_equal(NUMBER.get("RuO2.spin_hall_angle[:,:]"), [[0, -0.1], [0.1, 0], [0, 0]])
    low = NUMBER.replace({"RuO2.spin_hall_angle[x,y]": -0.3, "RuO2.spin_hall_angle[z, x]": 0.05})
    np.testing.assert_array_equal(low.get("RuO2.spin_hall_angle"), [[0, -0.3], [0.1, 0], [0.05, 0]])


def test_a_splitter_that_is_not_there_has_components_that_are_zero():
    assert FILM.get("RuO2.spin_splitter[y,x]") == 0
    given = FILM.replace({"RuO2.spin_splitter[y,x]": 0.1})
    np.testing.assert_array_equal(given.get("RuO2.spin_splitter"), [[0, 0], [0.1, 0], [0, 0]])


def test_a_batch_of_components_is_the_films_one_by_one():
    values = np.array([-0.1, 0.0, 0.2])
    many = ss.sheet_resistance(FILM.replace({"RuO2.spin_hall_angle[y,x]": values}), m=M)
    for value, one in zip(values, many, strict=True):
        alone = ss.sheet_resistance(FILM.replace({"RuO2.spin_hall_angle[y,x]": value}), m=M)
        np.testing.assert_allclose(one, alone, rtol=1e-13)


@pytest.mark.parametrize("shape", [(4,), (4, 1), (2, 3), (3, 4), (2, 2, 3)])
def test_arrays_of_any_other_shape_are_batches_of_numbers(shape):
    values = np.linspace(-0.2, 0.2, int(np.prod(shape))).reshape(shape)
    film = NUMBER.replace({"RuO2.spin_hall_angle": values})
    assert film.batch_shape == shape
    found = ss.sheet_resistance(film, m=M)
    flat = ss.sheet_resistance(NUMBER.replace({"RuO2.spin_hall_angle": values.ravel()}), m=M)
    np.testing.assert_array_equal(found, flat.reshape(*shape, 2, 2))


@pytest.mark.parametrize("shape", [(5,), (4, 1), (4, 5)])
def test_a_traced_batch_of_numbers_is_one(shape):
    def resistance(theta):
        return ss.sheet_resistance(NUMBER.replace({"RuO2.spin_hall_angle": theta}), m=M)

    values = np.linspace(-0.2, 0.2, int(np.prod(shape))).reshape(shape)
    np.testing.assert_allclose(jax.jit(resistance)(values), resistance(values), rtol=1e-12)


def test_tensors_are_declared_by_the_path():
    many = np.stack([THETA, 2 * THETA])
    film = NUMBER.replace({"RuO2.spin_hall_angle[:,:]": many})
    assert film.batch_shape == (2,)
    np.testing.assert_allclose(ss.sheet_resistance(film, m=M)[0], ss.sheet_resistance(FILM, m=M), rtol=1e-13)
    # what is a tensor stays one, and may become a number again
    assert FILM.replace({"RuO2.spin_hall_angle": many}).batch_shape == (2,)
    assert FILM.replace({"RuO2.spin_hall_angle": 0.1}).get("RuO2.spin_hall_angle") == 0.1


@pytest.mark.parametrize("shape", [(3, 2), (4, 3, 2)])
@pytest.mark.parametrize("traced", [False, True])
def test_an_array_that_may_be_either_is_refused(shape, traced):
    def replaced(theta):
        NUMBER.replace({"RuO2.spin_hall_angle": theta})
        return theta

    with pytest.raises(ss.ParameterError, match=r"batch of numbers or a tensor.*RuO2\.spin_hall_angle\[:,:\]"):
        (jax.jit(replaced) if traced else replaced)(np.full(shape, 0.1))


def test_a_layer_that_is_a_batch_says_where_the_batch_axes_of_a_tensor_are():
    metal = FILM.elements[0].replace(thickness=np.full((3, 2), NM), spin_hall_angle=0.1)
    with pytest.raises(ss.ParameterError, match="beside a batch of 2 axes"):
        metal.replace(spin_hall_angle=THETA)
    film = ss.Film((metal.replace(spin_hall_angle=THETA[None, None]), FILM.elements[1]))
    assert film.batch_shape == (3, 2)


BAD = {
    "RuO2.spin_hall_angle[x,z]": "element.field",
    "RuO2.spin_hall_angle[y]": "element.field",
    "RuO2.thickness[y,x]": "no tensor",
    "RuO2.spin_hall_angle[y,x].real": "so it has no .real part",
    "YIG.mixing_conductance[y,x]": "no tensor",
}


@pytest.mark.parametrize(("path", "words"), list(BAD.items()))
def test_what_is_no_part_of_a_parameter_is_refused(path, words):
    assert path not in FILM
    for call in (lambda: FILM.get(path), lambda: FILM.replace({path: 0.1}), lambda: FILM.specification(path)):
        with pytest.raises(ss.ParameterError, match=words):
            call()


def test_a_part_or_component_is_declared_as_one_real_number():
    component = FILM.specification("RuO2.spin_splitter[y,x]")
    assert (component.kind, component.unit, component.optional) == ("real", "1", False)
    real, imag = (FILM.specification(f"YIG.mixing_conductance.{part}") for part in ("real", "imag"))
    assert (real.kind, real.low, imag.kind, imag.low) == ("real", 0, "real", None)


def test_components_are_swept_and_have_their_names():
    swept = ss.sweep(FILM, {"RuO2.spin_splitter[y,x]": [0.0, 0.1], "YIG.mixing_conductance.real": [1e14, 2e14]},
                     lambda f: ss.sheet_resistance(f, m=M))  # fmt: skip
    assert swept["RuO2.spin_splitter[y,x]"].attrs["units"] == "1"
    assert swept["YIG.mixing_conductance.real"].attrs["units"] == "S/m^2"
    one = FILM.replace({"RuO2.spin_splitter[y,x]": 0.1, "YIG.mixing_conductance.real": 2e14})
    np.testing.assert_allclose(
        next(iter(swept.data_vars.values())).values[1, 1], ss.sheet_resistance(one, m=M), rtol=1e-13
    )


def test_sample_files_set_and_sweep_components_and_parts(tmp_path, monkeypatch):
    from spinstack.cli import main

    monkeypatch.chdir(tmp_path)
    ss.save_sample(FILM, "film.toml")
    with open("film.toml", "a", encoding="utf-8") as file:
        file.write(
            '\n[[map]]\nname = "mr"\nset = { "RuO2.spin_hall_angle[z,x]" = 0.2 }\n'
            'over = { "RuO2.spin_splitter[y,x]" = [0, 0.1], '
            '"YIG.mixing_conductance.imag" = ["1e13 S/m^2", "2e13 S/m^2"] }\n'
            "[output]\nfigures = []\n"
        )
    assert main(["run", "film.toml", "-o", "out"]) == 0
    found = xr.load_dataset("out/mr.nc", engine="h5netcdf")
    one = FILM.replace(
        {"RuO2.spin_hall_angle[z,x]": 0.2, "RuO2.spin_splitter[y,x]": 0.1, "YIG.mixing_conductance.imag": 2e13}
    )
    assert found["magnetoresistance"].values[1, 1] == pytest.approx(ss.magnetoresistance(one, "beta"), rel=1e-12)
