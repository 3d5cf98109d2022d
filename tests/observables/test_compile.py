"""Compiled models: the same numbers as the observable itself, exact derivatives, and nothing compiled twice."""

from functools import partial

import jax
import numpy as np
import pytest

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
FREE = ("Pt.thickness", "Pt.spin_hall_angle", "YIG.mixing_conductance.real", "YIG.mixing_conductance.imag")
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
    "conditions and components": (BILAYER, FREE, ss.sheet_resistance, {"m": {"YIG": np.eye(3)}, "B": (0, 0, 2.0)}),
    "two batches of conditions": (
        MODELLED, ("Pt.thickness", "EuS.magnet.surface_density"), ss.sheet_conductance,
        {"B": np.array([[0, 0, 1.0], [0, 1, 0]])[:, None], "T": np.array([5.0, 10.0])},
    ),
    "an own argument": (BILAYER, FREE, ss.magnetoresistance, {"plane": "beta", "field": 0.3}),
    "a name in the arguments": (BILAYER, FREE, ss.average_spin_current, {"layer": "Pt", "m": M, "E": (1, 0.5)}),
    "variables named after magnets": (TRILAYER, ("Py.thickness", "RuO2|Py.filtering"), ss.torque, {"m": M}),
    "a scan of an angle": (BILAYER, FREE, ss.angular_scan, {"plane": ["beta", "alpha"], "field": 0.3}),
    "a scan of a few angles": (BILAYER, FREE, ss.angular_scan, {"plane": "beta", "angles": [10.0, 50.0]}),
    "a scan of fields": (
        MODELLED, ("Pt.thickness",), ss.field_scan, {"field": [-1, 0.0, 2.0], "direction": "z", "T": 5.0}
    ),
    "the inside": (BILAYER, FREE, ss.profile, {"points": 3, "m": M}),
}  # fmt: skip


@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_a_model_is_its_observable_and_its_jacobian_the_derivative(case):
    film, free, observable, arguments = case
    model = ss.compile(film, free, observable, **arguments)
    x = points(model)
    value, rows = model.value_and_jacobian(x)
    assert value.shape == (3, len(model.outputs))
    assert rows.shape == (*value.shape, len(free))
    np.testing.assert_allclose(value, model(x), rtol=1e-13, atol=1e-15 * np.abs(value).max())
    for k in (0, 2):
        expected = directly(film, model, x[k], observable, **arguments)
        for name in dict.fromkeys(o.variable for o in model.outputs):
            of = [i for i, o in enumerate(model.outputs) if o.variable == name]
            # of a Hall resistance that vanishes, or a ratio of resistances, the size is that of what it is made from
            size = max(
                np.abs(expected[of]).max(), 1.0 if "MR" in name or "magneto" in name else np.abs(expected).max() * 1e-2
            )
            np.testing.assert_allclose(value[k, of], expected[of], rtol=0, atol=1e-13 * size)
    slopes = differences(model, x[1])
    # each in units of the largest output that a relative change makes
    size = np.abs(value[1]).max() if len({o.unit for o in model.outputs}) == 1 else np.abs(value[1])[:, None]
    largest = 1e-7 * np.abs(rows[1] * x[1]).max() + 1e-12 * size
    np.testing.assert_array_less(np.abs(slopes - rows[1]) * x[1], np.broadcast_to(largest, rows[1].shape))


def test_outputs_say_what_they_are_in_the_order_of_the_values():
    model = ss.compile(BILAYER, FREE, m=np.eye(3)[:2])
    assert model.free == FREE
    assert model.units == ("m", "1", "S/m^2", "S/m^2")
    np.testing.assert_array_equal(model.x0, [3 * NM, 0.1, 3e14, 1e13])
    assert model.outputs[1] == ModelOutput("sheet_resistance", "Ohm", (0,), {"row": "x", "column": "y"})
    assert model.outputs[7] == ModelOutput("sheet_resistance", "Ohm", (1,), {"row": "y", "column": "y"})
    scan = ss.compile(BILAYER, FREE, ss.angular_scan, plane=["alpha", "gamma"], angles=[0, 45.0], variables=["MR_xx"])
    assert scan.outputs[3] == ModelOutput("MR_xx", "1", (), {"plane": "gamma", "angle": 45.0})
    assert scan.outputs[3].at["plane"] == "gamma"


def test_one_point_has_no_axis_of_points():
    model = ss.compile(BILAYER, FREE, m=M)
    value, rows = model.value_and_jacobian(model.x0)
    assert value.shape == (4,)
    assert rows.shape == (4, 4)
    np.testing.assert_allclose(model(model.x0[None])[0], model(model.x0), rtol=1e-14)
    np.testing.assert_allclose(model.jacobian(model.x0), rows, rtol=1e-12)


def test_other_sizes_films_names_values_and_conditions_compile_nothing():
    model = ss.compile(BILAYER, FREE, m=np.eye(3), B=(0, 0, 1.0))
    for count in (1, 2, 5):
        model.value_and_jacobian(points(model, count))
        model(points(model, count))
    before = model.compilations
    for count in (3, 4, 1, 5):
        model.value_and_jacobian(points(model, count))
        model(points(model, count))
    thick = ss.Metal("Ta", thickness=9 * NM, conductivity=1e6, spin_diffusion_length=NM, spin_hall_angle=-0.1,
                     diffusion_coefficient=2e-5)  # fmt: skip
    other = thick | ss.MagneticInsulator("TmIG", mixing_conductance=1e14 + 2e13j)
    free = [path.replace("Pt", "Ta").replace("YIG", "TmIG") for path in FREE]
    again = ss.compile(other, free, m={"TmIG": np.eye(3)}, B=(0, 0.1, 2.0))  # m by name is another form
    same = ss.compile(other, free, m=np.ones((3, 3)), B=(0, 0.1, 2.0))
    same(points(same, 2))
    same.jacobian(points(same, 4))
    assert same.compilations == before
    np.testing.assert_allclose(
        same(same.x0),
        directly(other, same, same.x0, ss.sheet_resistance, m=np.ones((3, 3)), B=(0, 0.1, 2.0)),
        rtol=1e-13,
    )
    np.testing.assert_allclose(
        again(same.x0), directly(other, same, same.x0, ss.sheet_resistance, m=np.eye(3), B=(0, 0.1, 2.0)), rtol=1e-13
    )


def test_every_size_of_batch_is_its_points_one_by_one():
    model = ss.compile(BILAYER, FREE, m=M)
    x = points(model, 300)
    value, rows = model.value_and_jacobian(x)
    for count in (1, 16, 17, 64, 65, 256, 300):
        np.testing.assert_allclose(model(x[:count]), value[:count], rtol=1e-13)
        assert (np.abs(model.jacobian(x[:count]) - rows[:count]) <= 1e-12 * np.abs(rows).max((0, 1))).all()


def test_few_parameters_go_forward_and_give_the_same():
    one = ss.compile(BILAYER, FREE[:1], m=M)
    x = points(one)
    others = ss.compile(BILAYER, FREE, m=M)
    full = np.concatenate([x, np.repeat(others.x0[None, 1:], 3, 0)], 1)
    np.testing.assert_allclose(one.jacobian(x)[..., 0], others.jacobian(full)[..., 0], rtol=1e-10)


@pytest.mark.parametrize("variables", [("R_xx",), ("MR_xx", "R_xy"), None])
def test_a_scan_is_a_short_series_and_as_exact_as_its_angles(variables):
    film = TRILAYER
    free = ("RuO2.thickness", "RuO2.spin_hall_angle", "Py.amr_ratio")
    model = ss.compile(film, free, ss.angular_scan, plane="beta", variables=variables)
    x = points(model, 2)
    value, rows = model.value_and_jacobian(x)
    assert model._source._nodes in (32, 64)  # of 361 angles
    for k in range(2):
        expected = directly(film, model, x[k], ss.angular_scan, plane="beta")
        for i, name in enumerate(dict.fromkeys(o.variable for o in model.outputs)):
            of = slice(361 * i, 361 * (i + 1))
            size = 1.0 if name == "MR_xx" else np.abs(ss.angular_scan(film, "beta")[f"{name[0]}_xx"].values).max()
            np.testing.assert_allclose(value[k, of], expected[of], rtol=0, atol=1e-13 * size)
    few = ss.compile(film, free, ss.angular_scan, plane="beta", variables=variables, angles=[0.0, 17.0, 92.0])
    at = [0, 17, 92]
    np.testing.assert_allclose(
        few.jacobian(x), rows.reshape(2, -1, 361, 3)[:, :, at].reshape(2, -1, 3), rtol=1e-9,
        atol=1e-12 * np.abs(rows).max(),
    )  # fmt: skip


def test_a_series_that_does_not_end_is_doubled_and_at_last_computed_angle_by_angle():
    film = TRILAYER.replace({"Py.amr_ratio": -0.9, "Py.size_effect_ratio": 3.0})
    long = ss.compile(film, ["Py.thickness"], ss.angular_scan, plane="gamma", variables="R_xx")
    expected = directly(film, long, long.x0, ss.angular_scan, plane="gamma")
    np.testing.assert_allclose(long(long.x0), expected, rtol=1e-13)
    assert long._source._nodes in (128, None)
    short = ss.compile(film, ["Py.thickness"], ss.angular_scan, plane="gamma", variables="R_xx", angles=np.arange(50.0))
    np.testing.assert_allclose(short(short.x0), expected[:50], rtol=1e-13)
    assert short._source._nodes is None
    np.testing.assert_allclose(short.jacobian(short.x0), long.jacobian(long.x0)[:50], rtol=1e-10)


def test_a_model_is_a_function_for_jax():
    for observable, arguments in ((ss.sheet_resistance, {"m": M}), (ss.angular_scan, {"plane": "beta"})):
        model = ss.compile(BILAYER, FREE, observable, **arguments)
        x = points(model)
        np.testing.assert_allclose(jax.jit(model)(x), model(x), rtol=1e-12, atol=1e-12)
        slope = jax.jacfwd(lambda t, model=model, x=x: model(jax.numpy.asarray(x[0]).at[0].set(t)))(x[0, 0])
        rows = model.jacobian(x[0])[:, 0]
        np.testing.assert_allclose(slope, rows, rtol=1e-9, atol=1e-12 * np.abs(rows).max())


def test_derivatives_are_finite_where_processes_are_absent():
    film = ss.Metal("Pt", thickness=3 * NM, conductivity=3e6, spin_diffusion_length=1.5 * NM) | ss.Ferromagnet(
        "Co", thickness=2 * NM, conductivity=5e6, spin_diffusion_length=np.inf, dephasing_length=np.inf
    )
    free = ("Co.dephasing_length", "Co.spin_diffusion_length", "Pt.spin_hall_angle", "Co.amr_ratio")
    model = ss.compile(film, free, m=M)
    value, rows = model.value_and_jacobian(model.x0)
    assert np.isfinite(value).all()
    assert np.isfinite(rows).all()
    assert not rows[:, :2].any()


def test_a_path_may_name_every_repeat_a_component_and_what_was_left_out():
    film = (TRILAYER * 2).replace({"RuO2[1].thickness": 2 * NM})
    free = ("RuO2.spin_hall_angle[z,x]", "RuO2[1].thickness", "RuO2[0].spin_splitter[y,x]", "RuO2|Py.filtering_upper")
    model = ss.compile(film, free, m={"Py": (0, 0, 1)})
    np.testing.assert_array_equal(model.x0, [0, 2 * NM, 0, 2e4])
    x = np.array([0.1, 3 * NM, 0.05, 1e4])
    changed = film.replace(dict(zip(free, x, strict=True)))
    np.testing.assert_allclose(model(x), ss.sheet_resistance(changed, m=(0, 0, 1)).ravel(), rtol=1e-12)


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
    assert (np.abs(rows[1] - differences(model, x[1])) <= 1e-7 * np.abs(rows).max((0, 1))).all()
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
    "no film": (lambda: ss.compile(METAL, FREE), "film", "Metal", "a Film"),
    "a batch of films": (
        lambda: ss.compile(BILAYER.replace({"Pt.thickness": [NM, 2 * NM]}), FREE), "film", "array-valued", "sweep"
    ),
    "no function": (lambda: ss.compile(BILAYER, FREE, "R_xx"), "observable", "R_xx", "a function"),
    "an argument that is none": (lambda: ss.compile(BILAYER, FREE, mm=M), "mm", "no argument", "'m'"),
    "an argument that is missing": (
        lambda: ss.compile(BILAYER, FREE, ss.average_spin_current, m=M), "layer", "missing", "needs"
    ),
    "a variable that is none": (
        lambda: ss.compile(BILAYER, FREE, ss.angular_scan, variables="R_zz"), "variables", "R_zz", "R_xx"
    ),
    "a theory without derivatives": (
        lambda: ss.compile(TRILAYER, ["Py.thickness"], m=M, solver=ss.Boltzmann()), "solver", "no derivatives", "Drift"
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
    "too few": (np.ones(3), "x", "(3,)", "4"),
    "three axes": (np.ones((1, 1, 4)), "x", "(1, 1, 4)", "points"),
    "no points": (np.ones((0, 4)), "x", "(0, 4)", "points"),
    "text": (["a"] * 4, "x", "not numeric", "Pt.thickness"),
    "not a number": ([3e-9, np.nan, 3e14, 0], "Pt.spin_hall_angle", "nan", "x[0, 1]"),
    "not finite": ([3e-9, 0.1, np.inf, 0], "YIG.mixing_conductance.real", "inf", "x[0, 2]"),
    "out of range": ([[3e-9, 0.1, 3e14, 0], [-1e-9, 0.1, 3e14, 0]], "Pt.thickness", "x[1, 0]", "greater than 0"),
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
    model = ss.compile(TRILAYER, ["Py.amr_ratio", "Py.size_effect_ratio"], m=M)
    assert np.isfinite(model([-0.5, 0.2])).all()
    with pytest.raises(ss.ParameterError, match="resistivity negative"):
        model([-0.7, -0.6])
    nothing = ss.Metal("Cu", thickness=NM, conductivity=1e7, spin_diffusion_length=NM) | ss.Interface(
        conductance_up=1e15, conductance_down=1e15
    ) | METAL  # fmt: skip
    model = ss.compile(nothing, ["Cu|Pt.precession"])
    assert np.isfinite(model([0.0])).all()
    with pytest.raises(ss.ParameterError, match="touches no magnet"):
        model([1e4])


def test_arguments_in_a_partial_are_arguments():
    model = ss.compile(BILAYER, FREE, partial(ss.magnetoresistance, plane="beta"), field=0.3)
    other = ss.compile(BILAYER, FREE, ss.magnetoresistance, plane="beta", field=0.3)
    np.testing.assert_array_equal(model(model.x0), other(model.x0))
