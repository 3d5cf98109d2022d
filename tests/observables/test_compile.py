"""Compiled models: the same numbers as the observable itself, exact derivatives, and nothing compiled twice."""

from functools import partial

import jax
import numpy as np
import pytest
from studies import mostly_studies

import spinstack as ss
from spinstack.observables.compiled import ModelOutput

NM = 1e-9
METAL = ss.Metal("Pt", thickness=3 * NM, conductivity=3e6, spin_diffusion_length=1.5 * NM, spin_hall_angle=0.1,
                 diffusion_coefficient=1e-5)  # fmt: skip
YIG = ss.MagneticInsulator("YIG", mixing_conductance=3e14 + 1e13j)
BILAYER = METAL | YIG
MAGNET = ss.WeissMagnet(
    spin=3.5, curie_temperature=16.6, surface_density=3e18, exchange_coupling=1e-48, density_of_states=4e46
)
MODELLED = METAL | ss.MagneticInsulator("EuS", magnet=MAGNET)
TRILAYER = (
    ss.Metal("RuO2", thickness=5 * NM, conductivity=2.8e6, spin_diffusion_length=2 * NM, spin_hall_angle=0.05)
    | ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14 + 0.5e14j, filtering=2e4)
    | ss.Ferromagnet("Py", thickness=4 * NM, conductivity=4e6, polarization=0.4, spin_diffusion_length=5 * NM,
                     dephasing_length=0.5 * NM, amr_ratio=0.02, anomalous_hall_angle=0.01)
)  # fmt: skip
FREE = ("Pt.thickness", "Pt.spin_hall_angle")
MORE = (*FREE, "YIG.mixing_conductance.real", "YIG.mixing_conductance.imag", "Pt.conductivity")
M = (0.3, 0.5, 0.4)


def points(model, count=3, seed=0):
    """Points around the film's own values."""
    return model.x0 * (1 + 0.1 * np.random.default_rng(seed).uniform(-1, 1, (count, len(model.free))))


def directly(film, model, x, observable, **arguments):
    """The outputs of a model at one point from the observable itself."""
    found = observable(film.replace(dict(zip(model.free, x, strict=True))), **arguments)
    if not hasattr(found, "data_vars"):
        return np.ravel(found)
    return np.concatenate([found[name].values.ravel() for name in dict.fromkeys(o.variable for o in model.outputs)])


def assert_near(got, expected, tolerance, size):
    """Within `tolerance` of `size`, which broadcasts against the values."""
    assert np.shape(got) == np.shape(expected)
    off = np.abs(np.asarray(got) - expected) / np.broadcast_to(size, np.shape(expected))
    assert np.nanmax(off) <= tolerance


def scale(rows):
    """The largest derivative by each parameter."""
    return np.abs(rows).max(tuple(range(rows.ndim - 1)), keepdims=True)


def differences(model, x, step=1e-3):
    """Derivatives (outputs, parameters) by differences of fourth order."""
    rows = []
    for j in range(len(x)):
        near = np.repeat(x[None], 4, 0)
        near[:, j] *= 1 + step * np.array([1, -1, 2, -2])
        y = model(near)
        rows.append((8 * (y[0] - y[1]) - (y[2] - y[3])) / (12 * step * x[j]))
    return np.stack(rows, -1)


CASES = {
    "conditions and components": (BILAYER, MORE, ss.sheet_resistance, {"m": {"YIG": np.eye(3)}, "B": (0, 0, 2.0)}),
    "two batches of conditions": (
        MODELLED, ("Pt.thickness", "EuS.magnet.surface_density"), ss.sheet_conductance,
        {"B": np.array([[0, 0, 1.0], [0, 1, 0]])[:, None], "T": np.array([5.0, 10.0])},
    ),
    "an own argument": (BILAYER, FREE, ss.magnetoresistance, {"plane": "beta", "field": 0.3}),
    "a name in the arguments": (BILAYER, FREE, ss.average_spin_current, {"layer": "Pt", "m": M, "E": (1, 0.5)}),
    "variables named after magnets": (TRILAYER, ("Py.thickness", "RuO2|Py.filtering"), ss.torque, {"m": M}),
    "a scan of an angle": (BILAYER, FREE, ss.angular_scan, {"plane": ["beta", "alpha"], "field": 0.3}),
    "a scan of a few angles": (BILAYER, FREE, ss.angular_scan, {"plane": "beta", "angles": [10.0, 50.0], "field": 0.3}),
    "a scan of fields": (
        MODELLED, ("Pt.thickness",), ss.field_scan, {"field": [-1, 0.0, 2.0], "direction": "z", "T": 5.0}
    ),
    "the inside": (BILAYER, FREE, ss.profile, {"points": 3, "m": M}),
}  # fmt: skip


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_a_model_is_its_observable_and_its_jacobian_the_derivative(case):
    film, free, observable, arguments = case
    model = ss.compile(film, free, observable, **arguments)
    x = points(model)
    value, rows = model.value_and_jacobian(x)
    assert value.shape == (3, len(model.outputs))
    assert rows.shape == (*value.shape, len(free))
    np.testing.assert_allclose(value[1:2], model(x[1:2]), rtol=0, atol=1e-14 * np.abs(value[1]).max())
    slopes = differences(model, x[1])
    for name in dict.fromkeys(o.variable for o in model.outputs):
        of = [i for i, o in enumerate(model.outputs) if o.variable == name]
        for k in (0, 2):
            expected = directly(film, model, x[k], observable, **arguments)[of]
            # a component that is nothing but rounding has the size of its tensor
            same = [i for i, o in enumerate(model.outputs) if o.unit == model.outputs[of[0]].unit]
            # a ratio is a difference of resistances over one of them
            size = 1.0 if model.outputs[of[0]].unit == "1" else np.abs(value[k, same]).max()
            assert_near(value[k, of], expected, 1e-13, size)
        assert_near(rows[1, of], slopes[of], 1e-7, scale(rows[1, same]) + 1e-4 * np.abs(value[1, same]).max() / x[1])


def test_outputs_say_what_they_are_in_the_order_of_the_values():
    model = ss.compile(BILAYER, MORE, m=np.eye(3)[:2])
    assert model.free == MORE
    assert model.units == ("m", "1", "S/m^2", "S/m^2", "S/m")
    np.testing.assert_array_equal(model.x0, [3 * NM, 0.1, 3e14, 1e13, 3e6])
    assert model.outputs[1] == ModelOutput("sheet_resistance", "Ohm", (0,), {"row": "x", "column": "y"})
    assert model.outputs[7] == ModelOutput("sheet_resistance", "Ohm", (1,), {"row": "y", "column": "y"})
    scan = ss.compile(BILAYER, FREE, ss.angular_scan, plane=["alpha", "gamma"], angles=[0, 45.0], variables=["MR_xx"])
    assert scan.outputs[3] == ModelOutput("MR_xx", "1", (), {"plane": "gamma", "angle": 45.0})


def test_one_point_has_no_axis_of_points():
    model = ss.compile(BILAYER, FREE, m=M)
    value, rows = model.value_and_jacobian(model.x0)
    assert value.shape == (4,)
    assert rows.shape == (4, 2)
    np.testing.assert_array_equal(model(model.x0[None])[0], model(model.x0))
    np.testing.assert_array_equal(model.jacobian(model.x0), rows)


def test_other_sizes_films_names_values_and_conditions_compile_nothing():
    model = ss.compile(BILAYER, FREE, m=np.eye(3), B=(0, 0, 1.0))
    model(points(model, 5))
    model.value_and_jacobian(points(model, 5))
    before = model.compilations
    for count in (1, 2, 4):
        model(points(model, count))
        model.value_and_jacobian(points(model, count))
    thick = ss.Metal("Ta", thickness=9 * NM, conductivity=1e6, spin_diffusion_length=NM, spin_hall_angle=-0.1,
                     diffusion_coefficient=2e-5)  # fmt: skip
    other = thick | ss.MagneticInsulator("TmIG", mixing_conductance=1e14 + 2e13j)
    for m in (np.ones((3, 3)), np.eye(3)[:2]):
        again = ss.compile(other, ["Ta.thickness", "Ta.spin_hall_angle"], m=m, B=(0, 0.1, 2.0))
        expected = directly(other, again, again.x0, ss.sheet_resistance, m=m, B=(0, 0.1, 2.0))
        np.testing.assert_allclose(again(again.x0), expected, rtol=1e-13)
        again.jacobian(points(again, 4))
        assert again.compilations == before


def test_every_size_of_batch_is_its_points_one_by_one():
    model = ss.compile(BILAYER, FREE, m=M)
    x = points(model, 300)
    before = model.compilations
    value, rows = model.value_and_jacobian(x)
    for count in (1, 17, 64, 256):
        np.testing.assert_allclose(model(x[:count]), value[:count], rtol=1e-13)
        assert_near(model.jacobian(x[:count]), rows[:count], 1e-13, scale(rows))
    assert model.compilations <= before + 6  # three sizes of values and of derivatives


def test_many_parameters_go_backward_and_give_the_same():
    few, many = ss.compile(BILAYER, FREE, m=M), ss.compile(BILAYER, MORE, m=M)
    x = points(many)
    rows = many.jacobian(x)
    for k in range(3):
        film = BILAYER.replace(dict(zip(MORE, x[k], strict=True)))
        one = ss.compile(film, FREE, m=M)
        assert_near(one.jacobian(one.x0), rows[k, :, :2], 1e-12, scale(rows[k, :, :2]))
    assert few.compilations == one.compilations


def test_a_scan_is_a_short_series_and_as_exact_as_its_angles():
    free = ("RuO2.thickness", "RuO2.spin_hall_angle", "Py.amr_ratio")
    model = ss.compile(TRILAYER, free, ss.angular_scan, plane="beta", field=0.5)
    x = points(model, 2)
    value = model(x)
    assert model._source._nodes in (32, 64)  # of 361 angles
    for k in range(2):
        scan = ss.angular_scan(TRILAYER.replace(dict(zip(free, x[k], strict=True))), "beta", field=0.5)
        for i, name in enumerate(dict.fromkeys(o.variable for o in model.outputs)):
            size = 1.0 if name == "MR_xx" else np.abs(scan[f"{name[0]}_xx"].values).max()
            assert_near(value[k, 361 * i : 361 * (i + 1)], scan[name].values, 1e-13, size)
    some = ss.compile(TRILAYER, free, ss.angular_scan, plane="beta", field=0.5, variables=["MR_xx", "G_xy"])
    np.testing.assert_array_equal(some(x), value[:, [*range(8 * 361, 9 * 361), *range(5 * 361, 6 * 361)]])


@pytest.mark.parametrize("variables", [("R_xx",), ("MR_xx", "R_xy"), ("MR_xx", "R_yy", "R_xy", "G_xx", "G_yx")])
def test_derivatives_of_a_scan_are_those_of_its_angles(variables):
    at = [0, 17, 92]
    scan, few = (
        ss.compile(BILAYER, FREE, ss.angular_scan, plane="beta", field=2.0, variables=variables, angles=angles)
        for angles in (None, np.array(at, float))
    )
    x = points(scan)
    rows = scan.jacobian(x).reshape(3, -1, 361, 2)
    assert scan._source._nodes in (32, 64)
    assert few._source._nodes is None
    expected = few.jacobian(x).reshape(3, -1, 3, 2)
    assert_near(rows[:, :, at], expected, 1e-10, np.abs(rows).max((0, 2), keepdims=True) + 1e-11 * scale(rows))


def test_a_series_that_does_not_end_is_doubled_and_at_last_computed_angle_by_angle():
    film = TRILAYER.replace({"Py.amr_ratio": -0.9, "Py.size_effect_ratio": 3.0})
    free = ("RuO2.thickness", "RuO2.spin_hall_angle", "Py.amr_ratio")
    for angles, nodes in ((np.arange(361.0), 128), (np.arange(50.0), None)):
        model = ss.compile(film, free, ss.angular_scan, plane="gamma", field=0.5, angles=angles, variables="R_xx")
        expected = ss.angular_scan(film, "gamma", angles, field=0.5)["R_xx"].values
        np.testing.assert_allclose(model(model.x0), expected, rtol=1e-13)
        assert model._source._nodes in (nodes, None)


def test_a_model_is_a_function_for_jax():
    scan = ss.compile(BILAYER, FREE, ss.angular_scan, plane="beta", field=0.3, variables="R_xx")
    x = points(scan)
    np.testing.assert_allclose(jax.jit(scan)(x), scan(x), rtol=1e-12)
    model = ss.compile(BILAYER, FREE, m=M)
    slope = jax.jit(jax.grad(lambda point: model(point)[0]))(x[0])
    np.testing.assert_allclose(slope, model.jacobian(x[0])[0], rtol=1e-11)


def test_derivatives_are_finite_where_processes_are_absent():
    film = ss.Film((ss.Ferromagnet("Co", thickness=2 * NM, conductivity=5e6, spin_diffusion_length=5 * NM),))
    free = ("Co.dephasing_length", "Co.precession_length", "Co.spin_hall_angle", "Co.amr_ratio")
    model = ss.compile(film, free, m=M)
    value, rows = model.value_and_jacobian(model.x0)
    assert np.isinf(model.x0[:2]).all()
    assert np.isfinite(value).all()
    assert np.isfinite(rows).all()
    assert not rows[:, :2].any()
    assert rows[0, 3] > 0


def test_a_path_may_name_every_repeat_a_component_and_what_was_left_out():
    metal = METAL.replace(spin_splitter=None)
    between = ss.Interface(conductance_up=1e15, conductance_down=1e15, filtering=2e4)
    film = metal | between | metal.replace(thickness=2 * NM) | YIG
    free = ("Pt.spin_hall_angle[z,x]", "Pt[1].thickness", "Pt[0].spin_splitter[y,x]", "Pt|Pt.filtering_upper")
    model = ss.compile(film, free, m=M)
    np.testing.assert_array_equal(model.x0, [0, 2 * NM, 0, 2e4])
    x = np.array([0.1, 3 * NM, 0.05, 1e4])
    changed = film.replace(dict(zip(free, x, strict=True)))
    np.testing.assert_allclose(model(x), ss.sheet_resistance(changed, m=M).ravel(), rtol=1e-12)


def test_your_own_function_of_one_film_is_compiled():
    def ratio(film):
        R = ss.sheet_resistance(film, m=np.eye(3))[:, 0, 0]
        return {"gap": R[2] - R[1], "all": R}

    model = ss.compile(BILAYER, FREE[:2], ratio)
    x = points(model)
    value, rows = model.value_and_jacobian(x)
    assert [o.variable for o in model.outputs] == ["gap", "all", "all", "all"]
    film = BILAYER.replace(dict(zip(model.free, x[2], strict=True)))
    np.testing.assert_allclose(value[2], [ratio(film)["gap"], *ratio(film)["all"]], rtol=1e-12)
    assert_near(rows[1], differences(model, x[1]), 1e-9, scale(rows[1]))
    alone = ss.compile(BILAYER, FREE[:2], lambda film, m: ss.sheet_resistance(film, m=m)[0, 0], m=(0, 1, 0))
    assert alone(x).shape == (3, 1)
    assert alone.outputs[0].variable == "value"


BAD = {
    "a path that is none": (lambda: ss.compile(BILAYER, ["thickness"]), "path", "thickness", "element.field"),
    "an unknown parameter": (lambda: ss.compile(BILAYER, ["Pt.thicknes"]), "thicknes", "no such", "thickness"),
    "an unknown element": (lambda: ss.compile(BILAYER, ["Pd.thickness"]), "element", "Pd", "Pt"),
    "a complex number": (lambda: ss.compile(BILAYER, ["YIG.mixing_conductance"]), "free", "complex", ".real"),
    "a tensor": (
        lambda: ss.compile(BILAYER.replace({"Pt.spin_hall_angle[:,:]": np.ones((3, 2)) / 9}), ["Pt.spin_hall_angle"]),
        "free", "tensor", "[y,x]",
    ),
    "a number twice": (lambda: ss.compile(BILAYER, ["Pt.thickness", "Pt[0].thickness"]), "free", "too", "Pt[0]"),
    "what has no value": (lambda: ss.compile(BILAYER, ["Pt.density_of_states"]), "free", "no value", "density"),
    "no path": (lambda: ss.compile(BILAYER, []), "free", "[]", "at least one"),
    "text for paths": (lambda: ss.compile(BILAYER, "Pt.thickness"), "free", "Pt.thickness", "paths"),
    "no film": (lambda: ss.compile("Pt", FREE), "film", "Pt", "a Film"),
    "a batch of films": (
        lambda: ss.compile(BILAYER.replace({"Pt.thickness": [NM, 2 * NM]}), FREE), "film", "array-valued", "sweep"
    ),
    "no function": (lambda: ss.compile(BILAYER, FREE, "R_xx"), "observable", "R_xx", "a function"),
    "an argument that is none": (lambda: ss.compile(BILAYER, FREE, mm=M), "mm", "no argument", "'m'"),
    "an argument that is missing": (
        lambda: ss.compile(BILAYER, FREE, ss.average_spin_current, m=M), "layer", "missing", "needs it"
    ),
    "a variable that is none": (
        lambda: ss.compile(BILAYER, FREE, ss.angular_scan, variables="R_zz"), "variables", "R_zz", "R_xx"
    ),
    "a theory that JAX cannot trace": (
        lambda: ss.compile(TRILAYER, ["Py.thickness"], m=M, solver=ss.Boltzmann()), "solver", "cannot compile", "Drift"
    ),
    "a magnet that is none": (lambda: ss.compile(BILAYER, FREE, m={"Co": M}), "m", "Co", "YIG"),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BAD.values()), ids=list(BAD))
def test_a_bad_call_is_refused_with_fields(case):
    call, field, *words = case
    with pytest.raises(ss.ParameterError) as caught:
        call()
    assert caught.value.field == field
    for word in words:
        assert word in str(caught.value)


BAD_X = {
    "too few": (np.ones(3), "x", "(3,)", "2"),
    "three axes": (np.ones((1, 1, 2)), "x", "(1, 1, 2)", "points"),
    "no points": (np.ones((0, 2)), "x", "(0, 2)", "points"),
    "text": (["a"] * 2, "x", "which is text, not a number", "Pt.thickness"),
    "not a number": ([3e-9, np.nan], "Pt.spin_hall_angle", "nan", "x[0, 1]"),
    "not finite": ([3e-9, np.inf], "Pt.spin_hall_angle", "inf", "x[0, 1]"),
    "out of range": ([[3e-9, 0.1], [-1e-9, 0.1]], "Pt.thickness", "x[1, 0]", "greater than 0"),
}


@pytest.mark.parametrize("case", list(BAD_X.values()), ids=list(BAD_X))
def test_a_point_that_no_film_has_is_refused_before_anything_is_computed(case):
    x, field, *words = case
    model = ss.compile(BILAYER, FREE, m=M)
    for call in (model, model.jacobian):
        with pytest.raises(ss.ParameterError) as caught:
            call(x)
        assert caught.value.field == field
        for word in words:
            assert word in str(caught.value)


def test_what_parameters_may_be_together_is_checked():
    film = ss.Film((ss.Ferromagnet("Co", thickness=2 * NM, conductivity=5e6, spin_diffusion_length=5 * NM),))
    model = ss.compile(film, ["Co.amr_ratio", "Co.size_effect_ratio"], m=M)
    assert np.isfinite(model([-0.5, 0.2])).all()
    with pytest.raises(ss.ParameterError, match="resistivity negative"):
        model([-0.7, -0.6])
    nothing = METAL | ss.Interface(conductance_up=1e15, conductance_down=1e15) | METAL
    model = ss.compile(nothing, ["Pt|Pt.precession"])
    with pytest.raises(ss.ParameterError, match="touches no magnet"):
        model([1e4])


def test_arguments_in_a_partial_are_arguments():
    model = ss.compile(BILAYER, FREE, partial(ss.magnetoresistance, plane="beta"), field=0.3)
    other = ss.compile(BILAYER, FREE, ss.magnetoresistance, plane="beta", field=0.3)
    np.testing.assert_array_equal(model(model.x0), other(model.x0))


@pytest.mark.parametrize(
    "free", mostly_studies([("RuO2.thickness",), ("RuO2.thickness", "RuO2|Py.reciprocal")], [("RuO2.thickness",)])
)
def test_a_film_without_onsager_is_solved_in_the_whole_turn(free):
    changes = {"RuO2|Py.reciprocal": 0.3, "RuO2|Py.precession": 1e4, "RuO2|Py.sheet_conductance": 1e-4}
    changes["RuO2.spin_hall_angle[:,:]"] = np.array(
        [[0.02, -0.05], [0.06, 0.01], [0.03, -0.04]]
    )  # in no plane a mirror
    film = TRILAYER.replace(changes)
    model = ss.compile(film, free, ss.angular_scan, plane="gamma", field=0.5, variables=["R_xx", "R_xy"])
    expected = ss.angular_scan(film, "gamma", field=0.5)
    both = np.concatenate([expected.R_xx.values, expected.R_xy.values])
    assert np.abs(expected.R_xx.values[:181] - expected.R_xx.values[180:]).max() > 1e-9 * both.max()
    for value in (jax.jit(model)(model.x0), model(model.x0)):
        assert_near(np.asarray(value), both, 1e-12, both.max())
    assert model._source._nodes in (32, 64)


@pytest.mark.study
def test_own_functions_that_look_at_their_numbers_are_refused_in_words():
    def looks(film):
        return float(ss.sheet_resistance(film, m="y")[0, 0])

    for call in (lambda: ss.compile(BILAYER, ["Pt.thickness"], looks)([5e-9]), lambda: ss.gradient(BILAYER, looks)):
        with pytest.raises(ss.ParameterError, match="observable: which looks at its numbers"):
            call()
