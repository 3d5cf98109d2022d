"""Harmonic Hall voltages and shifted loops against closed forms and against the magnets in time."""

import numpy as np
import pytest
from magnet_tables import hall_bar, model, slonczewski
from moving_films import pt_co, pt_co_film

import spinstack as ss
from spinstack.magnets import harmonic_hall, loop_shift, trace
from spinstack.text.errors import ParameterError

Y = (0.0, 1.0, 0.0)
P, A = 0.02, 0.1


def second(found, channel="across"):
    return found["second_harmonic"].sel(channel=channel).values


@pytest.mark.study
def test_in_plane_rotation_of_an_easy_plane():
    """-(1/2) A B_DL cos/(B + Meff) - (P/2) B_FL (2 cos^3 - cos)/B, with both fields at the peak current."""
    a, f, Meff, peak = 3e-6, -2e-6, 0.8, 10.0
    made = model(slonczewski(Y, a, f), hall_bar(P=P, A=A), effective_magnetization=Meff)
    field, angles = np.array([0.2, 0.5, 2.0]), np.arange(0.0, 360.0, 15.0)
    found = harmonic_hall(made, field, angles, peak / np.sqrt(2))
    c, B = np.cos(np.deg2rad(angles)), field[:, None]
    expected = -A * a * peak * c / (B + Meff) / 2 - P / 2 * f * peak * (2 * c**3 - c) / B
    assert np.abs(second(found) - expected).max() < 1e-4 * np.abs(expected).max()
    first = found["first_harmonic"].sel(channel="across").values
    assert np.abs(first - P / 2 * np.sin(2 * np.deg2rad(angles))).max() < 1e-4 * P


@pytest.mark.parametrize("up", [1, -1])
@pytest.mark.parametrize("ratio", [-0.6, 0.1, 0.4])
def test_low_field_method_of_a_perpendicular_magnet(up, ratio):
    """b = -2 (B_i + up r B_j)/(1 - r^2), B_i = slope of the second over curvature of the first; b_x = -up B_DL."""
    a, f, B_K, peak = 2e-6, 3e-6, 0.4, 10.0
    made = model(slonczewski(Y, a, f), hall_bar(P=ratio * A, A=A), anisotropy_field=B_K, easy_axis="z")
    field = np.linspace(-0.01, 0.01, 21)
    found = harmonic_hall(made, field, [0.0, 90.0], peak / np.sqrt(2), m=(0, 0, up))
    R1, R2 = (found[name].sel(channel="across").values for name in ("first_harmonic", "second_harmonic"))
    # V_1 is even, V_2 is odd: quartic and cubic parts are there, too
    curvature = 2 * np.polyfit(field, R1, 4)[2]
    slope = np.polyfit(field, R2, 3)[2]
    Bx, By = 2 * slope / curvature
    # the second harmonic here is half of what the field would do: -(1/2) I dR/dI
    got = np.array([-2 * (Bx + up * ratio * By), -2 * (By + up * ratio * Bx)]) / (1 - ratio**2) / 2
    expected = np.array([-up * a, f]) * peak
    assert np.abs(got - expected).max() < 1e-3 * np.abs(expected).max()


def test_thermal_parts_are_along_z_cross_m_and_z_cross_B():
    made = model(slonczewski(Y, 0.0, 0.0), hall_bar(P=0.0, A=0.0), effective_magnetization=0.8)
    angles = np.array([0.0, 30.0, 90.0])
    found = harmonic_hall(made, 0.5, angles, 10.0, thermal=3e-6, nernst=1e-6)
    peak, u = 10.0 * np.sqrt(2), np.deg2rad(angles)
    size = -(3e-6 + 1e-6 * 0.5) * peak / 2
    assert second(found)[0] == pytest.approx(size * np.cos(u), abs=1e-12)
    assert second(found, "along")[0] == pytest.approx(-size * np.sin(u), abs=1e-12)


@pytest.mark.study
def test_a_current_along_y_sees_the_same_film_turned():
    made = pt_co(effective_magnetization=1.0)
    angles = np.arange(0.0, 360.0, 40.0)
    x = harmonic_hall(made, 0.3, angles, 50.0)
    y = harmonic_hall(made, 0.3, angles, 50.0, along="y")
    for name in ("first_harmonic", "second_harmonic"):
        assert np.abs(x[name].values - y[name].values).max() < 1e-7 * np.abs(x[name].values).max()


@pytest.mark.study
def test_harmonics_of_magnets_in_time():
    """A film's magnet in an alternating current of 2 MHz, its voltage taken apart after the first period."""
    made = pt_co(effective_magnetization=1.0, damping=0.1)
    rms, angles, B, periods, samples = 400.0, np.array([20.0, 70.0]), 0.1, 2, 64
    found = harmonic_hall(made, B, angles, rms)
    u = np.deg2rad(angles)
    f = 1e6
    wave = ss.Alternating(current=np.sqrt(2) * rms, frequency=f)
    run = trace(
        made, "x", duration=periods / f, current=wave, B=B * np.stack([np.cos(u), np.sin(u), 0 * u], -1),
        samples=periods * samples + 1,
    )  # fmt: skip
    last = run.isel(time=slice(-samples, None))
    V = (last["R_across"] * last["current"]).values.reshape(samples, -1)
    t = last["time"].values
    peak = np.sqrt(2) * rms
    R1, R2 = (2 / samples * part @ V / peak for part in (np.sin(2 * np.pi * f * t), np.cos(4 * np.pi * f * t)))
    assert pytest.approx(found["first_harmonic"].sel(channel="across").values[0], rel=1e-4) == R1
    assert pytest.approx(second(found)[0], rel=1e-4, abs=1e-4 * np.abs(second(found)).max()) == R2


def test_a_loop_of_a_magnet_polarised_along_z_is_not_shifted_by_a_field():
    """p along z pushes to one side: without damping nothing holds it; the instability is where damping is made good."""
    a, damping, B_K = 1e-5, 0.02, 0.4
    made = model(slonczewski((0, 0, 1.0), a), damping=damping, anisotropy_field=B_K, easy_axis="z")
    K = np.array([-100.0, 0.0, 100.0])
    found = loop_shift(made, K, most=1.0)
    # growth: a K + alpha (B + B_K) = 0 for m up
    assert found["leaves_up"].values == pytest.approx(-B_K - a * K / damping, rel=1e-6)
    assert found["leaves_down"].values == pytest.approx(B_K - a * K / damping, rel=1e-6)
    assert found["shift"].values == pytest.approx(-a * K / damping, abs=1e-9)


@pytest.mark.study
def test_loops_of_a_film_shift_with_current_and_field_in_the_plane():
    made = pt_co()
    K = np.array([0.0, 4e3])
    ahead, back, none = (loop_shift(made, K, B=(Bx, 0, 0), most=1.0)["shift"].values for Bx in (0.1, -0.1, 0.0))
    assert abs(ahead[1]) > 1e-4
    assert back[1] == pytest.approx(-ahead[1], rel=1e-6)
    assert ahead[0] == pytest.approx(0.0, abs=1e-9)
    assert none == pytest.approx([0.0, 0.0], abs=1e-9)


def test_bad_calls():
    made = pt_co(effective_magnetization=1.0)
    with pytest.raises(ParameterError, match=r"^current_rms"):
        harmonic_hall(made, 0.1, [0.0], 0.0)
    with pytest.raises(ParameterError, match="leave their place"):
        harmonic_hall(made, 0.001, [90.0], 1e6)
    with pytest.raises(ParameterError, match=r"^thermal"):
        harmonic_hall(made, 0.1, [0.0], 1.0, thermal={"Py": 1.0})
    with pytest.raises(ParameterError, match=r"^plane"):
        harmonic_hall(made, 0.1, [0.0], 1.0, plane="xy")
    with pytest.raises(ParameterError, match=r"^most"):
        loop_shift(pt_co(), 0.0, most=0.01)


@pytest.mark.study
def test_films_are_scanned_with_the_hysteresis_of_their_magnets():
    """Stoner and Wohlfarth: the field along the easy axis switches at B_K, 45 degrees off at half of that."""
    film = pt_co_film()
    made = ss.MagneticModel(film, [ss.Macrospin("Co", magnetization=1e6, anisotropy_field=0.4, easy_axis="z")])
    up = np.linspace(0.6, -0.6, 241)
    path = np.concatenate([up, up[::-1]])
    for degrees, factor in ((1e-3, 1.0), (45.0, 0.5)):
        u = np.array([np.sin(np.deg2rad(degrees)), 0, np.cos(np.deg2rad(degrees))])
        R = ss.field_scan(film, path[:, None] * u, m=made)["R_xy"].values
        down, back = R[: len(up)], R[len(up) :][::-1]
        left = up[np.argmax(np.abs(np.diff(down)))]
        assert left == pytest.approx(-0.4 * factor, abs=0.02)
        assert back == pytest.approx(-down[::-1], abs=1e-9)
    scan = {"plane": "beta", "angles": np.arange(0.0, 360.0, 10.0), "field": 0.3, "turns": "field"}
    with pytest.raises(ParameterError, match="two places"):
        ss.angular_scan(film, m=made, **scan)
    made = ss.MagneticModel(film, made.magnets, start="z")
    found = ss.angular_scan(film, m=made, **scan)
    assert "hysteresis" in found.attrs["magnets"]
    with pytest.raises(ParameterError, match="turns"):
        ss.angular_scan(film, plane="beta", field=0.3, m=made)
