"""Low fields on a perpendicular magnet: slopes over curvatures, the planar Hall effect, both states."""

import numpy as np
import pytest
from lockin_files import Bench, sweeps

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.spin_torque import Layers, harmonic_hall_low_field, quasistatic

BENCH = Bench(Bk=0.4, Meff=0.0, nernst=0.0, zero=0.0, thermal=0.0)
GIVEN = {"voltages": "rms", "currents": "rms", "anomalous_hall_sign": "positive"}


def analysed(data, bench=BENCH, **more):
    return harmonic_hall_low_field(data, **{"planar_hall": bench.P / 2, **GIVEN, **more})


def value(found, name):
    return float(found["value"].sel(parameter=name))


def error(found, name):
    return float(found["error"].sel(parameter=name))


@pytest.mark.parametrize("up", [1.0, -1.0])
@pytest.mark.parametrize("ratio", [-0.6, 0.4])
def test_low_fields_are_slopes_over_curvatures(up, ratio):
    """b_i = -2 (B_i + r up B_j)/(1 - r^2), b_x = -up B_DL, b_y = B_FL."""
    A, Bk, D, F = 0.8, 0.5, 1e-5, -2e-5
    B, h, slope_over_curvature = 1e-3, 1e-3, []
    for phi in (0.0, np.pi / 2):
        signed = np.array([-B - h, -B, 0.0, B, B + h])
        m = quasistatic.perpendicular(
            np.abs(signed), np.where(signed < 0, phi + np.pi, phi), np.full(5, up), quasistatic.parts(),
            quasistatic.Torques(D, F), Bk,
        )  # fmt: skip
        first, second = quasistatic.harmonics(m).total(A, ratio * A, 0.0)
        slope_over_curvature.append((second[3] - second[1]) / (2 * B) / ((first[3] - 2 * first[2] + first[1]) / B**2))
    x, y = slope_over_curvature
    b = [-2 * (one + ratio * up * other) / (1 - ratio**2) for one, other in ((x, y), (y, x))]
    np.testing.assert_allclose(b, [-up * D, F], rtol=1e-4)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize(
    "changes", [{}, {"A": -0.8}, {"P": -0.3}, {"damping_like": -1.7e-3}, {"field_like": 1e-3}, {"thermal": -4e-4}]
)
def test_a_bench_without_noise_comes_back_with_its_signs(changes):
    bench = BENCH.changed(**changes, noise=(1e-13, 1e-13))
    sign = "positive" if bench.A > 0 else "negative"
    found = analysed(sweeps(bench), bench, thermal=bench.thermal, anomalous_hall_sign=sign)
    for name, truth, unit in (
        ("damping_like", bench.damping_like, 2e-6), ("field_like_total", bench.field_like, 2e-6),
        ("anisotropy_field", bench.Bk, 1e-5), ("anomalous_hall", bench.A, 1e-6), ("phase_2", bench.phase[1] + 90, 0.1),
    ):  # fmt: skip
        assert value(found, name) == pytest.approx(truth, abs=unit), name


def test_a_thermal_voltage_goes_as_the_torque():
    bench = BENCH.changed(thermal=5e-4, noise=(1e-12, 1e-12))
    data = sweeps(bench)
    found = analysed(data, bench)
    moved = found.attrs["per_thermal"] * bench.thermal
    # in fields up to 0.3 of that of the anisotropy the two are no longer quite alike
    assert value(found, "damping_like") - bench.damping_like == pytest.approx(moved, rel=0.1)
    assert "No thermal voltage was taken off" in found.attrs["remark"]
    found = analysed(data, bench, thermal=[5e-4, 5e-5])
    assert value(found, "damping_like") == pytest.approx(bench.damping_like, rel=1e-3)
    assert "remark" not in found.attrs
    noisy = analysed(sweeps(bench.changed(noise=(5e-8, 5e-8))), bench, thermal=[5e-4, 5e-5])
    known = analysed(sweeps(bench.changed(noise=(5e-8, 5e-8))), bench, thermal=5e-4)
    expected = np.hypot(error(known, "damping_like"), found.attrs["per_thermal"] * 5e-5)
    assert error(noisy, "damping_like") == pytest.approx(expected, rel=0.1)


def test_the_planar_hall_effect_has_its_error():
    data = sweeps(BENCH, 3)
    plain, found = (analysed(data, planar_hall=p) for p in (BENCH.P / 2, [BENCH.P / 2, 0.1 * BENCH.P / 2]))
    low, high = (analysed(data, planar_hall=BENCH.P / 2 * f) for f in (0.9, 1.1))
    for name in ("damping_like", "field_like_total"):
        half = abs(value(high, name) - value(low, name)) / 2
        # the shapes of the sweeps tell it, too, so that it is less than the error that was given
        assert 3 * error(plain, name) < error(found, name) < half


def test_rows_above_a_field_are_left_out():
    data = sweeps(BENCH, 4, reach=0.5, points=61)
    found = analysed(data, below=0.3 * BENCH.Bk)
    assert float(np.abs(found.field).max()) <= 0.3 * BENCH.Bk
    assert abs(value(found, "damping_like") - BENCH.damping_like) < 4 * error(found, "damping_like")


def test_efficiencies_follow():
    data = [one.assign_attrs(bar_width=5e-6) for one in sweeps(BENCH, 5)]
    found = analysed(data, layers=Layers(1.1e6, 1e-9, 4e-9, 0.8, share_below=0.8, share_above=0.0))
    j = 0.8 * BENCH.peak / (5e-6 * 4e-9)
    assert value(found, "xi_DL") == pytest.approx(
        -2 * 1.602176634e-19 / 1.054571817646156e-34 * 1.1e6 * 1e-9 * value(found, "damping_like") / j, rel=1e-9
    )
    assert value(found, "oersted") == pytest.approx(-2e-7 * np.pi * 0.8 * BENCH.peak / 5e-6, rel=1e-6)


def at_45(bench):
    return [one.assign_coords(angle=one["angle"] + 45) for one in sweeps(bench)]


def exchanged(bench):
    names = {"V_1X": "V_2X", "V_2X": "V_1X", "V_1Y": "V_2Y", "V_2Y": "V_1Y"}
    return [one.rename(names) for one in sweeps(bench)]


REFUSED = {
    "exchanged": (lambda: exchanged(BENCH), "columns of the harmonics seem to be exchanged"),
    "one state": (lambda: sweeps(BENCH)[:2], "first harmonic: in which the magnet has not two states"),
    "one direction": (lambda: sweeps(BENCH)[::2], r"measurements: 0 rows with the field across the current \(angle 90"),
    "oblique": (lambda: at_45(BENCH), r"angle \[deg\]: got 225.0. Allowed: fields along the current or across it"),
    "tiny fields": (lambda: sweeps(BENCH, reach=1e-3), "first harmonic: which does not bend down"),
    "large fields": (lambda: sweeps(BENCH, reach=0.9), r"field \[T\]: got 0.36, of an anisotropy field of about 0.351"),
    "nothing": (list, r"measurements: got \[\]. Allowed: measurements"),
    "two currents": (
        lambda: [*sweeps(BENCH)[:2], *(one.assign_coords(current=2 * one.current) for one in sweeps(BENCH)[2:])],
        r"current \[A\]: .*in measurements that go together",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_what_is_wrong(name):
    made, words = REFUSED[name]
    with pytest.raises(MeasurementError, match=words):
        analysed(made())


def test_a_planar_hall_effect_as_large_as_the_anomalous_one_is_refused():
    for P in (BENCH.A, -0.97 * BENCH.A):
        with pytest.raises(MeasurementError, match=r"planar_hall \[Ohm\]: got .*near 1. Both directions then show"):
            analysed(sweeps(BENCH.changed(P=P)), planar_hall=P / 2)
    with pytest.raises(MeasurementError, match=r"r = 2 R_PHE/A = 0.850 \+- 0.2"):
        analysed(sweeps(BENCH), planar_hall=[0.34, 0.08])
    with pytest.raises(MeasurementError, match=r"anomalous_hall_sign: got '-'. Allowed: 'positive', 'negative'"):
        analysed(sweeps(BENCH), anomalous_hall_sign="-")
