"""Field and temperature scans, the separation of mechanisms, slopes: labels, references, agreement with one film."""

import numpy as np
import pytest

import spinstack as ss
from spinstack.stack import ParameterError

RHO, LENGTH, THETA, STATES = 1e-6, 3e-9, 0.05, 4e46


def weiss(**changes):
    given = {
        "spin": 2,
        "curie_temperature": 100,
        "surface_density": 3e18,
        "exchange_coupling": 1e-48,
        "density_of_states": STATES,
    }
    return ss.WeissMagnet(**(given | changes))


def metal(**changes):
    given = {
        "thickness": 3e-9,
        "conductivity": 1 / RHO,
        "spin_diffusion_length": LENGTH,
        "spin_hall_angle": THETA,
        "density_of_states": STATES,
    }
    return ss.Metal("metal", **(given | changes))


def film(**changes):
    return ss.MagneticInsulator("magnet", magnet=weiss(**changes)) | metal()


def test_a_scan_is_made_of_single_solutions():
    field, T = np.array([-2.0, 0.5, 9.0]), [5.0, 60.0, 140.0]
    scan = ss.field_scan(film(), field, ["x", "z"], T=T)
    assert scan.R_xx.dims == ("temperature", "direction", "field")
    assert scan.field.attrs["units"] == "T"
    assert scan.temperature.attrs["units"] == "K"
    for t in T:
        for name, axis in (("x", (1, 0, 0)), ("z", (0, 0, 1))):
            for b in field:
                R = ss.sheet_resistance(film(), B=b * np.array(axis), T=t)
                one = scan.sel(temperature=t, direction=name, field=b)
                np.testing.assert_allclose([one.R_xx, one.R_xy, one.R_yx], [R[0, 0], R[1, 0], R[0, 1]], rtol=1e-13)
                np.testing.assert_allclose(one.B, b * np.array(axis))
    np.testing.assert_allclose(scan.MR_xx, scan.R_xx / scan.R_xx.isel(field=0) - 1, rtol=1e-9)


def test_a_single_direction_and_temperature_leave_no_dimension():
    scan = ss.field_scan(film(), [0.1, 1.0], "z", T=10)
    assert scan.R_xx.dims == ("field",)
    assert scan.attrs["temperature_K"] == 10
    oblique = ss.field_scan(film(), [0.1, 1.0], (0, 1, 1), T=10)
    np.testing.assert_allclose(oblique.B.values[1], [0, 0.5**0.5, 0.5**0.5])


def test_a_path_is_followed_point_by_point():
    angle = np.radians(np.arange(0, 360, 30))
    path = 2.0 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], -1)
    scan = ss.field_scan(film(), path, T=10)
    assert scan.R_xx.dims == ("step",)
    np.testing.assert_allclose(scan.R_xx, ss.sheet_resistance(film(), B=path, T=10.0)[:, 0, 0], rtol=1e-13)


def test_the_reference_is_zero_field_with_m_along_it():
    scan = ss.field_scan(film(), [1.0, 5.0], "z", T=[10.0, 90.0], reference="y")
    for t in (10.0, 90.0):
        reference = ss.sheet_resistance(film(), m=(0, 1, 0), T=t)[0, 0]
        np.testing.assert_allclose(
            scan.MR_xx.sel(temperature=t), scan.R_xx.sel(temperature=t) / reference - 1, rtol=1e-9
        )
    assert "y" in scan.MR_xx.attrs["reference"]


def test_a_magnet_keeps_its_direction_where_the_field_vanishes():
    for T in (10.0, 150.0):
        through = ss.field_scan(film(), [-1.0, 0.0, 1.0], "y", T=T)
        np.testing.assert_allclose(through.R_xx[1], ss.sheet_resistance(film(), m=(0, 1, 0), T=T)[0, 0], rtol=1e-14)
        starting = ss.field_scan(film(), [0.0, 1.0], "z", T=T)
        np.testing.assert_allclose(starting.R_xx[0], ss.sheet_resistance(film(), m=(0, 0, 1), T=T)[0, 0], rtol=1e-14)


def test_parts_add_up_and_each_is_what_it_says():
    field = np.array([0.5, 3.0, 30.0])
    parts = ss.field_contributions(film(), field, "z", T=20)
    np.testing.assert_allclose(parts.R_xx, parts.R_neither + parts.smr + parts.hanle + parts.interference, rtol=1e-15)
    bare = ss.Vacuum() | metal()
    still = bare.replace({"metal.g_factor": 0.0})
    B = field[:, None] * np.array([0.0, 0.0, 1.0])
    R0 = ss.sheet_resistance(still, B=B)[:, 0, 0]
    np.testing.assert_allclose(parts.hanle, ss.sheet_resistance(bare, B=B)[:, 0, 0] - R0, atol=1e-13 * R0[0])
    np.testing.assert_allclose(parts.R_neither, R0, rtol=1e-15)
    assert (parts.hanle > 0).all()
    assert (parts.smr > 0).all()


def test_a_film_between_two_insulators_and_with_two_metals_is_scanned_alike():
    upper = ss.MagneticInsulator("top", mixing_conductance=1e14 + 2e13j, spin_sink_conductance=1e13)
    cu = ss.Metal("Cu", thickness=2e-9, conductivity=2e7, spin_diffusion_length=100e-9)
    stack = ss.MagneticInsulator("magnet", magnet=weiss()) | metal() | cu | upper
    m = {"top": (0, 1, 0)}
    scan = ss.field_scan(stack, [0.5, 2.0], "z", T=10, m=m)
    for b, R in zip((0.5, 2.0), scan.R_xx, strict=True):
        one = ss.sheet_resistance(stack, m={"magnet": (0, 0, 1), **m}, B=(0, 0, b), T=10.0)
        assert float(R) == pytest.approx(one[0, 0], rel=1e-14)
    assert set(ss.field_contributions(stack, [0.5, 2.0], "z", T=10, m=m).data_vars) >= {"smr", "hanle", "interference"}


def test_the_gap_is_open_below_and_closed_above_the_curie_temperature():
    gap = ss.smr_gap(film(), [1.0, 50.0, 99.0, 99.99, 100.0, 130.0]).gap.values
    assert (np.diff(gap[:5]) < 0).all()
    assert gap[0] > 0
    # linear in the distance from the Curie temperature, as the square of the order
    assert gap[2] / gap[3] == pytest.approx(100, rel=0.03)
    np.testing.assert_allclose(gap[4:] / gap[0], 0, atol=1e-9)


def test_a_temperature_scan_is_made_of_single_solutions():
    T = [5.0, 95.0, 300.0]
    scan = ss.temperature_scan(film(), T, B=(0, 0, 1.0), m=["y", "z"])
    assert scan.R_xx.dims == ("temperature", "direction")
    R = ss.sheet_resistance(film(), m=(0, 1, 0), B=(0, 0, 1.0), T=np.array(T))
    np.testing.assert_allclose(scan.R_xx.sel(direction="y"), R[:, 0, 0], rtol=1e-14)
    following = ss.temperature_scan(film(), T, B=(0, 1.0, 0))
    np.testing.assert_allclose(following.R_xx, ss.sheet_resistance(film(), B=(0, 1.0, 0), T=np.array(T))[:, 0, 0])


@pytest.mark.study
def test_face_conductances_are_those_of_the_magnet():
    data = ss.face_conductances(film(), [0.0, 1.0], [10.0, 90.0, 120.0])
    assert data.G_i.dims == ("temperature", "field")
    sink, mixing = weiss().conductances(1.0, 90.0)
    one = data.sel(temperature=90.0, field=1.0)
    assert float(one.G_s) == pytest.approx(sink)
    assert float(one.G_i) == pytest.approx(mixing.imag)
    np.testing.assert_allclose(one.G_dephasing, mixing.real + sink / 2)
    two = ss.WeissAntiferromagnet(
        spin=1, neel_temperature=500, surface_density=6e18, exchange_coupling=1e-48, density_of_states=STATES
    )
    assert {"order_a", "order_b"} <= set(ss.face_conductances(two, 0.0, [10.0, 600.0]).data_vars)


def test_the_initial_slope_is_the_derivative_at_held_conductances():
    for direction, axis in (("z", (0, 0, 1)), ("x", (1, 0, 0)), ((0, 1, 2), np.array([0, 1, 2]) / 5**0.5)):
        sink, mixing = weiss().conductances(0.0, 30.0)
        held = ss.MagneticInsulator("magnet", spin_sink_conductance=sink, mixing_conductance=mixing) | metal()
        step = 1e-2
        B = np.array([step, -step])[:, None] * np.asarray(axis)
        R = ss.sheet_resistance(held, m=axis, B=B)[:, 0, 0]
        slope = ss.initial_slope(film(), direction, T=30.0)
        assert slope == pytest.approx((R[0] - R[1]) / (2 * step), rel=1e-4)
    assert abs(ss.initial_slope(film(), "y", T=30.0)) < 1e-12 * abs(ss.initial_slope(film(), "z", T=30.0))


def eq_17(thickness):
    """Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019), Eq. 17."""
    x = thickness / LENGTH
    return np.sqrt(np.sinh(x / 2) ** 2 / (2 * (LENGTH * RHO) ** 2 * np.cosh(x)) * (np.sinh(x) / x - 1))


def test_the_critical_exchange_is_eq_17():
    thickness = np.array([0.3, 1.0, 3.0, 7.0, 15.0]) * 1e-9
    face = ss.MagneticInsulator("I", mixing_conductance=1e13j)
    found = ss.critical_exchange(face | metal(thickness=thickness, spin_hall_angle=1e-5))
    np.testing.assert_allclose(found, eq_17(thickness), rtol=1e-8)


def test_the_critical_exchange_departs_from_eq_17_as_the_square_of_the_spin_hall_angle():
    face = ss.MagneticInsulator("I", mixing_conductance=1e13j)
    theta = np.array([0.03, 0.1, 0.3])
    off = ss.critical_exchange(face | metal(spin_hall_angle=theta)) / eq_17(3e-9) - 1
    order = np.diff(np.log(np.abs(off))) / np.diff(np.log(theta))
    np.testing.assert_allclose(order, 2, atol=0.1)


def test_thick_films_need_an_exponentially_larger_exchange():
    face = ss.MagneticInsulator("I", mixing_conductance=1e13j)
    d = np.array([20, 24, 28]) * LENGTH
    found = ss.critical_exchange(face | metal(thickness=d, spin_hall_angle=1e-8))
    growth = np.diff(np.log(found * np.sqrt(d))) / np.diff(d / LENGTH)
    np.testing.assert_allclose(growth, 0.5, rtol=1e-3)


def test_no_critical_exchange_is_nan():
    still = metal(g_factor=0.0)
    assert np.isnan(ss.critical_exchange(ss.MagneticInsulator("I", mixing_conductance=1e13j) | still))


def test_slopes_make_a_map_in_a_sweep():
    one = ss.MagneticInsulator("I", mixing_conductance=1e13j) | metal()
    over = {"metal.thickness": [1e-9, 9e-9], "I.mixing_conductance.imag": [1e13, 5e13]}
    result = ss.sweep(one, over, ss.initial_slope)
    assert result.initial_slope.attrs["units"] == "Ohm/T"
    assert float(result.initial_slope[0, 1]) < 0 < float(result.initial_slope[1, 0])


BAD = [
    (lambda: ss.field_scan(film(), [1.0], "z"), "T: missing"),
    (lambda: ss.field_scan(film(), [1.0], "q", T=10), "direction: got 'q'"),
    (lambda: ss.field_scan(film(), [1.0], ["z", "z"], T=10), "names one twice"),
    (lambda: ss.field_scan(film(), [1.0, np.nan], "z", T=10), "field: got"),
    (lambda: ss.field_scan(film(), [1.0, 2.0], T=10), "field: got"),
    (lambda: ss.field_scan(film(), [], "z", T=10), "field: got"),
    (lambda: ss.field_scan(film(), [1.0], "z", T=-1), "T: got"),
    (lambda: ss.field_scan(film(), [1.0], "z", T=[[1.0]]), "T: got [[1.0]], of shape (1, 1)"),
    (lambda: ss.field_scan(film(), [1.0], "z", T=10, reference="up"), "reference: got 'up'"),
    (lambda: ss.field_scan(film(), [0.0], "z", T=10), "m: none given for 'magnet'"),
    (lambda: ss.temperature_scan(film(), [10.0]), "m: none given for 'magnet'"),
    (lambda: ss.temperature_scan(film(), None, m=["y"]), "T: missing"),
    (lambda: ss.temperature_scan(film(), [10.0], m=["y", "y"]), "names a direction twice"),
    (
        lambda: ss.temperature_scan(film(), [10.0], B=[(0, 0, 1)] * 2),
        "B: got [(0, 0, 1), (0, 0, 1)], which are several",
    ),
    (lambda: ss.smr_gap(film(), [10.0], field="1 T"), "field: got '1 T'"),
    (lambda: ss.face_conductances(ss.Vacuum() | metal(), 0.0, 1.0), "insulator: got None"),
    (lambda: ss.face_conductances(film(), 0.0, None), "T: missing"),
    (lambda: ss.face_conductances(film(), [[0.0]], 1.0), "batch"),
    (lambda: ss.face_conductances("EuS", 0.0, 1.0), "film: got 'EuS'"),
    (lambda: ss.initial_slope(film()), "T: missing"),
    (lambda: ss.critical_exchange(film()), "insulator: got"),
]


@pytest.mark.parametrize(("call", "words"), BAD, ids=[w for _, w in BAD])
def test_a_bad_call_says_what_is_wrong(call, words):
    with pytest.raises(ParameterError) as error:
        call()
    assert words in str(error.value)
