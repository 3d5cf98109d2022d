"""The array function under every registered observable: traced, mapped, differentiated; labels at the border only.

The calls are made from the signatures (builder ``observed``), so that an observable is tested as soon as it is
registered.
"""

from functools import partial

import jax
import numpy as np
import pytest
import xarray
from observed import call, films, nm
from studies import mostly_studies

import spinstack as ss
from spinstack.observables.registry import arrays, observables

KNOWN = observables()
every = pytest.mark.parametrize("found", KNOWN.values(), ids=KNOWN)
# each of the others compiles for seconds
QUICK = ("sheet_resistance", "angular_scan", "torque", "perpendicular_resistance", "layer_currents")
some = pytest.mark.parametrize("name", mostly_studies(KNOWN, QUICK))
STEP = 1e-4


def layer(film):
    """The path of the only layer's thickness, and its value."""
    path = f"{film.layers[0].name}.thickness"
    return path, film.get(path)


def rounding(found, film, given):
    """Rounding of each variable: a part of the largest one in its unit, since some are differences of others."""
    values = found.values(film, **given)
    outputs = found.labels(film, **given).outputs
    largest = {unit: 1.0 if unit == "1" else 0.0 for unit in {o.units for o in outputs}}
    for o in outputs:
        largest[o.units] = max(largest[o.units], np.abs(values[o.name]).max())
    return {o.name: 1e-14 * largest[o.units] for o in outputs}


def near(got, want, rtol, noise, times=1.0):
    """Variables equal to `rtol` of the largest entry of each, and to rounding."""
    assert got.keys() == want.keys() == noise.keys()
    for name, value in want.items():
        atol = rtol * np.abs(value).max() + times * noise[name]
        np.testing.assert_allclose(got[name], value, rtol=0, atol=atol, err_msg=name)


@pytest.mark.study
@some
def test_a_batch_of_films_has_its_axis_in_front_and_a_compiled_map_gives_it(name):
    found = KNOWN[name]
    film, given = call(found)
    path, value = layer(film)
    values = value * np.array([1.0, 1.3])
    singles = [found.values(film.replace({path: v}), **given) for v in values]
    loop = {name: np.stack([one[name] for one in singles]) for name in singles[0]}
    mapped = jax.jit(jax.vmap(lambda v: found.values(film.replace({path: v}), **given)))(values)
    noise = rounding(found, film, given)
    near(mapped, loop, 1e-10, noise)
    batch = found.values(film.replace({path: values}), **given)
    near({k: np.broadcast_to(v, loop[k].shape) for k, v in batch.items()}, loop, 1e-10, noise)


@pytest.mark.study
@some
def test_the_gradient_is_the_slope_of_differences_and_keeps_names_and_units(name):
    found = KNOWN[name]
    film, given = call(found)
    path, value = layer(film)
    derivative = ss.gradient(film, partial(found.function, **given))
    ends = [found.values(film.replace({path: value * (1 + s)}), **given) for s in (-STEP, STEP)]
    slope = {name: (ends[1][name] - ends[0][name]) / (2 * STEP * value) for name in ends[0]}
    got = derivative[path]
    noise, times = rounding(found, film, given), 1 / (STEP * value)
    if not found.labelled:
        near(dict.fromkeys(slope, got), slope, 1e-6, noise, times)
        return
    assert isinstance(got, xarray.Dataset)
    near({name: got[name].values for name in slope}, slope, 1e-6, noise, times)
    for output in found.labels(film, **given).outputs:
        assert got[output.name].dims == output.dims
        assert got[output.name].attrs["units"] == f"{output.units} / m"


@pytest.mark.study
@every
def test_a_sweep_keeps_names_units_and_dimensions(found):
    film, given = call(found)
    path, value = layer(film)
    values = value * np.array([1.0, 1.3, 2.0])
    result = ss.sweep(film, {path: values}, partial(found.function, **given))
    labels = found.labels(film, **given)
    assert set(result.data_vars) == {o.name for o in labels.outputs}
    single = found.values(film.replace({path: values[1]}), **given)
    near({name: result[name].values[1] for name in single}, single, 1e-10, rounding(found, film, given))
    for output in labels.outputs:
        array = result[output.name]
        assert array.dims == (path, *output.dims)
        assert array.attrs["units"] == output.units
        assert array.attrs["long_name"] == output.long_name


def test_a_sweep_computes_several_conditions_for_every_film():
    film = films()["numbers"]
    m = np.eye(3)[[0, 2, 1]]  # as many as films: they must not run along each other
    B = np.array([0.1, -0.2, 0.3])
    result = ss.sweep(film, {"N.thickness": np.array([1.0, 2.0, 3.0]) * nm}, partial(ss.torque, m=m, B=B))
    assert result.I.dims == ("N.thickness", "batch_0", "component")
    for i, thickness in enumerate(result["N.thickness"].values):
        for k, one in enumerate(m):
            want = ss.torque(film.replace({"N.thickness": thickness}), m=one, B=B).I
            np.testing.assert_allclose(result.I[i, k], want, rtol=1e-10, atol=1e-12 * np.abs(want).max())


@pytest.mark.parametrize("name", films())
def test_a_film_of_numbers_may_stand_inside_a_transformation_of_something_else(name):
    film = films()[name]

    def scaled(s):
        return s * ss.sheet_resistance(film, m="y", T=20.0)[0, 0]

    assert jax.jit(scaled)(2.0) == pytest.approx(scaled(2.0), rel=1e-15)
    assert jax.grad(scaled)(2.0) == pytest.approx(scaled(1.0), rel=1e-15)


@pytest.mark.study
def test_conditions_have_derivatives():
    film = films()["numbers"]

    def total(at):
        return arrays(ss.torque)(film, **at)["I"] @ np.array([0.3, 0.5, 0.7])

    at = {"m": np.array([0.48, 0.6, 0.64]), "B": np.array([0.3, -0.2, 0.5]), "E": np.array([0.8, 0.6])}
    derivative = jax.grad(total)(at)
    for name, value in at.items():
        for i in range(value.size):
            step = 1e-5 * np.eye(value.size)[i]
            slope = (total(at | {name: value + step}) - total(at | {name: value - step})) / 2e-5
            assert derivative[name][i] == pytest.approx(slope, rel=1e-5, abs=1e-9 * abs(total(at)))


@pytest.mark.study
def test_a_scan_has_derivatives_by_its_own_arguments():
    film = films()["numbers"]

    def hall(angle, field):
        return arrays(ss.angular_scan)(film, "gamma", angle[None], field)["R_xy"][0]

    angle, field = np.array(40.0), np.array(0.7)
    got = jax.grad(hall, (0, 1))(angle, field)
    step = 1e-3
    for k, (a, b) in enumerate(((step, 0), (0, step))):
        slope = (hall(angle + a, field + b) - hall(angle - a, field - b)) / (2 * step)
        assert got[k] == pytest.approx(float(slope), rel=1e-5)


@pytest.mark.study
def test_the_derivative_of_the_critical_exchange_is_that_of_its_closed_form():
    rho, length, theta = 1e-6, 3e-9, 1e-5
    metal = ss.Metal(
        "N",
        thickness=4e-9,
        conductivity=1 / rho,
        spin_diffusion_length=length,
        spin_hall_angle=theta,
        density_of_states=4e46,
    )
    film = ss.MagneticInsulator("I", mixing_conductance=1e13j) | metal

    def eq_17(thickness):
        """Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019), Eq. 17."""
        x = thickness / length
        return np.sqrt(np.sinh(x / 2) ** 2 / (2 * (length * rho) ** 2 * np.cosh(x)) * (np.sinh(x) / x - 1))

    derivative = ss.gradient(film, ss.critical_exchange)
    slope = (eq_17(4.001e-9) - eq_17(3.999e-9)) / 2e-12
    assert derivative["N.thickness"] == pytest.approx(slope, rel=1e-6)
    # the exchange that is looked for does not depend on the one that is there
    assert abs(derivative["I.mixing_conductance.imag"]) < 1e-9


def test_labels_refuse_traced_values_and_say_what_to_give():
    film, given = call(KNOWN["torque"])
    with pytest.raises(ss.ParameterError, match=r"torque: labels cannot hold.*functools\.partial\(spinstack\.torque"):
        ss.gradient(film, lambda f: ss.torque(f, **given)["F"])


@pytest.mark.parametrize("transformed", [jax.jit, jax.hessian, lambda f: jax.vmap(f, axis_size=1)])
def test_a_theory_that_jax_cannot_trace_says_so_before_jax_does(transformed):
    film = ss.Film((ss.Metal("N", thickness=4e-9, conductivity=2e6, spin_diffusion_length=2e-9),))

    def resistance(t):
        return ss.sheet_resistance(film.replace({"N.thickness": t}), solver=ss.Boltzmann())[0, 0]

    with pytest.raises(ss.ParameterError, match=r"^solver: got Boltzmann\(.*JAX cannot trace"):
        transformed(resistance)(np.array(4e-9) if transformed in (jax.jit, jax.hessian) else np.array([4e-9]))


@pytest.mark.study
def test_what_a_theory_has_no_derivatives_of_is_named_by_the_gradient():
    film = ss.Metal("N", thickness=4e-9, conductivity=2e6, spin_diffusion_length=2e-9) | ss.Ferromagnet(
        "F", thickness=4e-9, conductivity=2e6, spin_diffusion_length=2e-9
    )
    with pytest.raises(ss.ParameterError) as caught:
        ss.gradient(film, partial(ss.torque, m="x", solver=ss.Boltzmann()))
    assert caught.value.field == "solver"
