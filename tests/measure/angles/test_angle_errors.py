"""Errors of joint fits are those of every reading, moved by itself; limits of angle analyses have two sides."""

import json

import numpy as np
import pytest
from scipy.signal import lfilter

from spinstack.measure.angles import (
    amplitude_table,
    bootstrap,
    consistency,
    diagnostics,
    fit_harmonics,
    fit_planes,
)
from spinstack.measure.angles.design import largest_gap
from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.sweeps import hall_slope

RNG = np.random.default_rng(31)
ANGLE = np.arange(0.0, 360.0, 24.0)
DIRECTIONS = {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}


def scans(angle=ANGLE, size=0.02, **more):
    """Scans of three planes with uneven errors, that one R(m) with a Hall part and a drift makes."""
    data = {}
    for plane, (first, second) in DIRECTIONS.items():
        m = np.zeros((angle.size, 3))
        m[:, first], m[:, second] = np.cos(np.deg2rad(angle - 7)), np.sin(np.deg2rad(angle - 7))
        errors = size * RNG.uniform(0.5, 1.8, angle.size)
        R = m**2 @ [103.0, 100.0, 101.5] + 0.4 * m[:, 2] + 0.1 * np.linspace(-1, 1, angle.size)
        readings = {"R_xx": R + errors * RNG.standard_normal(angle.size), "R_xx_error": errors}
        data[plane] = measurement(readings, {"angle": angle, "field": 2.0, **more}, {"plane": plane})
    return data


SHARED = {"odd": "hall", "zero": "shared", "drift_degree": 1}
FITS = [SHARED, {**SHARED, "impose": True}, {"odd": "each", "drift_degree": 1}]


@pytest.mark.study
@pytest.mark.parametrize("given", FITS)
def test_errors_of_planes_are_those_of_all_readings(given):
    data = scans()
    out = fit_planes(data, noise="white", **given)
    start, names = out["value"].values, out["parameter"].values.tolist()
    noise = dict(zip(data, np.ones(3), strict=True))
    for plane, one in data.items():
        scale = one["R_xx_error"].values / np.sqrt(np.mean(one["R_xx_error"].values ** 2))
        left = out["residual"].values[out["plane"].values == plane] / scale
        # amplitude, R, zero, drift; two odd parts, or that of the Hall effect where m_z is not zero
        unknowns = 4 + (2 if given["odd"] == "each" else plane != "alpha")
        noise[plane] = np.sqrt(left @ left / (ANGLE.size - unknowns)) * scale
    expected = np.zeros((len(names),) * 2)
    for plane, one in data.items():
        for row in range(ANGLE.size):
            values = one["R_xx"].values.copy()
            values[row] += 0.1 * noise[plane][row]
            moved = fit_planes({**data, plane: one.assign(R_xx=("point", values))}, noise="white", **given)
            by = (moved["value"].values - start) / 0.1
            expected += np.outer(by, by)
    sizes = np.sqrt(np.diag(expected))
    shares = dict(zip(names, (out["error"].values / sizes).tolist(), strict=True))
    # readings move weights, too
    assert shares == pytest.approx(dict.fromkeys(names, 1.0), abs=0.35)


def told(call):
    try:
        call()
    except MeasurementError as error:
        return error.field
    return None


def one(R=None, angle=ANGLE, **more):
    R = (
        100 + np.cos(np.deg2rad(2 * angle)) + 1e-3 * np.random.default_rng(1).standard_normal(angle.size)
        if R is None
        else R
    )
    return measurement({"R_xx": R}, {"angle": angle, **more}, {"plane": "alpha"})


FINE = np.arange(0.0, 360.0, 5.0)
SPIKY = 100 + np.cos(np.deg2rad(2 * FINE)) + 0.01 * np.random.default_rng(2).standard_normal(72)
LIMITS = {
    "no plane missing where gamma is imposed": (
        lambda n: fit_planes(dict(list(scans().items())[:n]), odd="none", impose=True),
        2,
        3,
        "impose",
    ),
    "a field of a macrospin": (
        lambda B: fit_planes({"alpha": one(angle=FINE, **({"field": B} if B else {}))}, odd="none", mu0_Meff=1.2),
        None,
        2.0,
        "field",
    ),
    "tilts of sixty degrees": (
        lambda t: fit_planes({"alpha": one(angle=FINE)}, odd="none", tilt={"alpha": (t, 0.0)}),
        60.1,
        60.0,
        "tilt",
    ),
    "even orders from four": (
        lambda n: fit_planes({"alpha": one(angle=FINE)}, odd="none", orders=(n,)),
        2,
        4,
        "orders",
    ),
    "even orders": (lambda n: fit_planes({"alpha": one(angle=FINE)}, odd="none", orders=(n,)), 5, 6, "orders"),
    "six degrees of a drift": (lambda n: fit_harmonics(one(angle=FINE), drift_degree=n), 7, 6, "drift_degree"),
    "spikes of more than three": (lambda n: fit_harmonics(one(SPIKY, FINE), drop_spikes=n), 3.0, 3.1, "drop_spikes"),
    "a reference that is not zero": (
        lambda R: fit_harmonics(one(np.full(72, R), FINE), reference=30.0),
        0.0,
        100.0,
        "reference",
    ),
    "twenty resamples": (lambda n: bootstrap(one(angle=FINE), n), 19, 20, "count"),
    "results of something": (lambda n: amplitude_table([fit_harmonics(one(angle=FINE))][:n]), 0, 1, "results"),
    "results with parameters": (
        lambda r: amplitude_table([r]),
        one(angle=FINE),
        fit_harmonics(one(angle=FINE)),
        "results",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_have_two_sides(name):
    call, refused, taken, field = LIMITS[name]
    assert told(lambda: call(refused)) == field
    assert told(lambda: call(taken)) is None


def test_a_table_says_what_is_no_result():
    with pytest.raises(MeasurementError) as caught:
        amplitude_table([fit_harmonics(one(angle=FINE)), "loop"])
    assert caught.value.got == "loop"


def test_a_bootstrap_needs_what_it_draws_from():
    B = np.linspace(-1, 1, 41)
    data = measurement({"R_xy": 0.1 * B + 1e-3 * RNG.standard_normal(41)}, {"field": B})
    with pytest.raises(MeasurementError) as caught:
        bootstrap(data, fit=hall_slope)
    assert (caught.value.field, caught.value.got) == ("fit", "hall_slope")
    assert "no row" in caught.value.why


def test_gaps_are_those_of_one_turn_whatever_the_number_of_turns():
    turns = np.concatenate([np.arange(0, 360, 20), np.arange(370, 720, 20)])
    assert largest_gap(turns) == pytest.approx(10.0)
    assert largest_gap(-turns) == pytest.approx(10.0)
    assert largest_gap(np.array([0.0, 100.0, 740.0])) == pytest.approx(260.0)
    assert largest_gap(np.array([300.0, 100.0])) == pytest.approx(200.0)


@pytest.mark.parametrize(
    ("order", "step", "said"), [(2, 89.0, False), (2, 91.0, True), (4, 44.0, False), (4, 46.0, True)]
)
def test_gaps_wider_than_half_a_period_are_told(order, step, said):
    angle = np.concatenate([np.linspace(0, 360 - step, 120)])
    found = fit_harmonics(one(angle=angle), orders=(order,))
    assert any("no reading over" in w for w in diagnostics(found)["warnings"]) == said


def test_a_moment_that_lags_is_given_or_fitted_alike():
    """With the demagnetising field that a fit finds the amplitudes are those of that fit."""
    data = {p: d for p, d in scans(FINE, 1e-3).items() if p != "alpha"}
    fitted = fit_planes(data, odd="hall", mu0_Meff="fit", drift_degree=1)
    at = float(fitted["value"].sel(parameter="mu0_Meff"))
    given = fit_planes(data, odd="hall", mu0_Meff=at, drift_degree=1)
    assert json.loads(given.attrs["given"])["mu0_Meff"] == at
    for name in ("beta", "gamma"):
        assert float(given["value"].sel(parameter=name)) == pytest.approx(
            float(fitted["value"].sel(parameter=name)), abs=2e-5
        )


def test_the_test_of_consistency_has_students_t():
    from scipy.stats import t

    found = fit_planes(scans(FINE), odd="hall", drift_degree=1)
    said = consistency(found)
    pull = float(found["value"].sel(parameter="discrepancy") / found["error"].sel(parameter="discrepancy"))
    assert said["chi2"] == pytest.approx(pull**2)
    assert said["p"] == pytest.approx(2 * t.sf(abs(pull), found.attrs["degrees_of_freedom"]), rel=1e-6)


@pytest.mark.parametrize(("spread", "refused"), [(0.19, False), (0.21, True)])
def test_a_table_goes_against_what_stays_within_a_fifth(spread, refused):
    results = [fit_harmonics(one(angle=FINE)).assign_attrs(field=b, field_spread=spread * abs(b)) for b in (2.0, -1.0)]
    if refused:
        assert told(lambda: amplitude_table(results, "field")) == "against"
    else:
        assert amplitude_table(results, "field")["field"].values.tolist() == [-1.0, 2.0]


@pytest.mark.study
def test_long_scans_are_tested_by_means_of_successive_rows():
    rng = np.random.default_rng(6)
    angle = np.linspace(0, 3600, 40_003)
    R = (
        100
        + np.cos(np.deg2rad(2 * angle))
        + 5e-3 * np.cos(np.deg2rad(6 * angle))
        + 0.1 * rng.standard_normal(angle.size)
    )
    said = diagnostics(fit_harmonics(one(R, angle), orders=(2,)))
    assert said["missing_harmonics"] == [6]
    assert said["missing_harmonics_p"]["6"] < 1e-6
    assert min(p for n, p in said["missing_harmonics_p"].items() if n != "6") > 1e-3


def test_the_amplitude_of_one_plane_has_the_error_of_a_linear_fit():
    """R (1 + alpha sin^2) is R0 + c cos(2 angle) + s sin(2 angle): the same least squares, propagated."""
    angle = np.arange(0.0, 360.0, 40.0)
    sigma = RNG.uniform(0.5, 1.5, angle.size)
    R = 100 + 4 * np.sin(np.deg2rad(angle - 12)) ** 2 + 0.05 * sigma * RNG.standard_normal(angle.size)
    data = measurement({"R_xx": R, "R_xx_error": 0.05 * sigma}, {"angle": angle})
    found = fit_planes({"alpha": data}, odd="none", noise="white")
    turn = np.deg2rad(2 * angle)
    A = np.stack([np.ones(angle.size), np.cos(turn), np.sin(turn)], axis=1)
    W = A / sigma[:, None]
    c = np.linalg.lstsq(W, R / sigma, rcond=None)[0]
    left = R / sigma - W @ c
    C = np.linalg.inv(W.T @ W) * (left @ left) / (angle.size - 3)

    def numbers(c):
        size = np.hypot(c[1], c[2])
        return np.array([2 * size / (c[0] - size), c[0] - size, np.rad2deg(np.arctan2(-c[2], -c[1])) / 2])

    slopes = np.transpose([(numbers(c + h) - numbers(c - h)) / 2e-6 for h in 1e-6 * np.eye(3)])
    for name, value, error in zip(
        ("alpha", "alpha.R", "alpha.zero"), numbers(c), np.sqrt(np.diag(slopes @ C @ slopes.T)), strict=True
    ):
        assert float(found["value"].sel(parameter=name)) == pytest.approx(value, rel=1e-6)
        assert float(found["error"].sel(parameter=name)) == pytest.approx(error, rel=1e-4)


def test_curves_and_diagnostics_of_planes_are_of_what_the_fit_leaves():
    data = scans(FINE)
    found = fit_planes(data, odd="hall", drift_degree=1, zero="shared")
    np.testing.assert_allclose(found["residual"], found["measured"] - found["fitted"], atol=1e-12)
    said, phase = diagnostics(found), float(found["value"].sel(parameter="shared.zero"))
    for plane, one in data.items():
        own = found["plane"].values == plane
        R = float(found["value"].sel(parameter=f"{plane}.R"))
        np.testing.assert_allclose(found["measured"][own], one["R_xx"])
        np.testing.assert_allclose(found["turned"][own], FINE - phase)
        # without drift and odd part the ratio is that of the plane alone
        flat = found["measured"][own] - found["odd"][own] - found["drift"][own]
        np.testing.assert_allclose(found["ratio"][own], flat / R - 1, atol=1e-12)
        amplitude = float(found["value"].sel(parameter=plane))
        left = found["ratio"].values[own] - amplitude * np.sin(np.deg2rad(FINE - phase)) ** 2
        np.testing.assert_allclose(left, found["residual"].values[own] / R, atol=1e-9)
        scale = one["R_xx_error"].values / np.sqrt(np.mean(one["R_xx_error"].values ** 2))
        r = found["residual"].values[own] / scale
        assert said[plane]["rms"] == pytest.approx(np.sqrt(np.mean(r**2)))
        assert said[plane]["durbin_watson"] == pytest.approx(np.sum(np.diff(r) ** 2) / np.sum(r**2))
    drift = [float(found["value"].sel(parameter=f"{p}.drift1")) for p in data]
    assert found["drift"].values[-1] == pytest.approx(drift[-1] * float(found["value"].sel(parameter="gamma.R")))


def test_a_polar_plot_is_above_the_lowest_and_below_the_highest_of_the_curve():
    from spinstack.measure.angles import polar

    R = 100 + 3 * np.cos(np.deg2rad(2 * FINE - 40)) + np.linspace(-0.2, 0.2, 72)
    found = fit_harmonics(one(R, FINE), orders=(2,), drift_degree=1)
    shown, mean = polar(found), float(found["value"].sel(parameter="R_ref"))
    flat = 3 * np.cos(np.deg2rad(2 * FINE - 40)) / mean
    np.testing.assert_allclose(shown["point_radius"], flat + 3 / mean, atol=2e-5)
    np.testing.assert_allclose(shown["point_from_maximum"], 3 / mean - flat, atol=2e-5)
    line = 3 * np.cos(np.deg2rad(2 * shown["angle"].values - 40)) / mean
    np.testing.assert_allclose(shown["radius"], line + 3 / mean, atol=2e-5)
    np.testing.assert_allclose(shown["from_maximum"], 3 / mean - line, atol=2e-5)
    np.testing.assert_allclose(shown["theta"], np.deg2rad(shown["angle"]))
    np.testing.assert_allclose(shown["point_theta"], np.deg2rad(FINE))


@pytest.mark.parametrize("phase", [0.0, 20.0, 45.0, 70.0])
def test_a_missing_harmonic_is_told_with_its_amplitude(phase):
    R = 100 + np.cos(np.deg2rad(2 * FINE)) + 0.05 * np.cos(np.deg2rad(3 * FINE - phase))
    R = R + 1e-3 * np.random.default_rng(3).standard_normal(72)
    said = diagnostics(fit_harmonics(one(R, FINE), orders=(2,)))
    assert any("order 3 (amplitude 0.05)" in w for w in said["warnings"])
    assert said["missing_harmonics"] == [3]


@pytest.mark.parametrize(("rows", "degree", "highest"), [(35, 0, 4), (36, 0, 8), (37, 1, 4), (38, 1, 8)])
def test_few_rows_are_tested_for_the_lower_harmonics_only(rows, degree, highest):
    """Twice as many rows as unknowns: three of the fit, two for each of seven orders, one of the drift."""
    angle = np.linspace(0, 350, rows)
    said = diagnostics(fit_harmonics(one(angle=angle), orders=(2,), drift_degree=degree))
    assert sorted(map(int, said["missing_harmonics_p"])) == [n for n in range(1, highest + 1) if n != 2]


@pytest.mark.parametrize(("rows", "said"), [(7, False), (8, True), (9, True)])
def test_eight_rows_say_whether_noise_is_white(rows, said, monkeypatch):
    monkeypatch.setattr("spinstack.measure.angles.residuals.ljung_box", lambda r, fitted=0: (99.0, 1e-3))
    angle = np.linspace(0, 300, rows)
    words = diagnostics(fit_harmonics(one(angle=angle), orders=(2,)))["warnings"]
    assert any("not white" in w for w in words) == said


@pytest.mark.parametrize(("p", "said"), [(0.011, False), (0.009, True)])
def test_noise_is_doubted_below_a_hundredth_of_chance(p, said, monkeypatch):
    monkeypatch.setattr("spinstack.measure.angles.residuals.ljung_box", lambda r, fitted=0: (9.0, p))
    words = diagnostics(fit_harmonics(one(angle=FINE), orders=(2,)))["warnings"]
    assert any("not white" in w for w in words) == said


@pytest.mark.parametrize(("rho", "said"), [(0.79, False), (0.80, True)])
def test_noise_as_slow_as_the_scan_is_told(rho, said):
    """Fifteen times the rows over which it forgets."""
    angle = np.linspace(0, 355, 72)
    found = fit_harmonics(one(angle=angle), orders=(2,), noise=[rho])
    words = diagnostics(found)["warnings"]
    assert any("as slow as the scan" in w for w in words) == said == (72 * (1 - rho) < 15)


@pytest.mark.parametrize("gain", [1e-4, 70.0])
def test_amplitudes_are_parts_whatever_the_size_of_a_reading(gain):
    data = scans(FINE)
    scaled = {p: d.assign({n: ("point", gain * d[n].values) for n in d.data_vars}) for p, d in data.items()}
    for fit in (
        lambda d: fit_planes(d, odd="hall", zero="shared", drift_degree=1),
        lambda d: fit_harmonics(d["beta"], orders=(1, 2), drift_degree=1, reference="max"),
        lambda d: fit_harmonics(d["alpha"], orders=(2,), reference="none"),
    ):
        here, there = fit(data), fit(scaled)
        factor = np.where(here["unit"].values == here.attrs["unit"], gain, 1.0)
        spread = here["error"].values
        np.testing.assert_allclose(there["value"] / factor / spread, here["value"] / spread, rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(there["error"] / factor / spread, 1.0, rtol=1e-3)
        assert diagnostics(there).keys() == diagnostics(here).keys()


@pytest.mark.parametrize("reference", ["mean", "max", 30.0, "none"])
def test_what_is_drawn_beside_a_fit_is_measured_less_its_parts(reference):
    from spinstack.measure.angles import curve, polar

    R = 100 + 3 * np.cos(np.deg2rad(2 * FINE - 40)) + np.linspace(-0.2, 0.2, 72) + 0.01 * RNG.standard_normal(72)
    found = fit_harmonics(one(R, FINE), orders=(2,), drift_degree=1, reference=reference)
    np.testing.assert_allclose(found["measured"], R)
    np.testing.assert_allclose(found["residual"], R - found["fitted"], atol=1e-11)
    np.testing.assert_allclose(found["drift"], 0.2 * np.linspace(-1, 1, 72), atol=0.01)
    flat, harmonic, line = R - found["drift"].values, (found["fitted"] - found["drift"]).values, curve(found, FINE)
    if reference == "none":
        shown = line["reading"].values
    else:
        ref = float(found["value"].sel(parameter="R_ref"))
        flat, harmonic, shown = flat / ref - 1, harmonic / ref - 1, line["ratio"].values
        np.testing.assert_allclose(found["ratio"], flat, atol=1e-12)
        np.testing.assert_allclose(found["fitted_ratio"], harmonic, atol=1e-12)
    np.testing.assert_allclose(shown, harmonic, atol=1e-11)
    points = polar(found, FINE)
    np.testing.assert_allclose(points["point_radius"], flat - shown.min(), atol=1e-11)
    np.testing.assert_allclose(points["point_from_maximum"], shown.max() - flat, atol=1e-11)


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_coefficients_of_the_noise_model_leave_fewer_degrees_of_freedom(rho):
    angle = np.arange(0.0, 720.0, 3.0)
    noise = lfilter([1.0], [1.0, -rho], np.random.default_rng(3).standard_normal(angle.size))
    R = 100 + np.cos(np.deg2rad(2 * angle)) + 0.1 * noise
    for kind in ("auto", "white"):
        found = fit_harmonics(one(R, angle), orders=(1, 2), drift_degree=1, noise=kind)
        order = len(json.loads(found.attrs["noise_model"]))
        assert order == 0 if kind == "white" else order > 0
        assert found.attrs["degrees_of_freedom"] == angle.size - 6 - order


@pytest.mark.parametrize(("chance", "told"), [(4e-3, True), (6e-3, False)])
def test_a_zero_is_told_where_one_of_several_harmonics_is_no_chance(chance, told, monkeypatch):
    """Of two that are bound to the axes, either may be large by chance: together below a hundredth."""
    place = "spinstack.measure.angles.planes._chances"
    monkeypatch.setattr(place, lambda model, turn, noise: {1: 1e-9, 2: chance, 4: 0.9})
    found = fit_planes({"alpha": scans()["alpha"]}, orders=(4,), noise="white")
    assert ("alpha.zero" in found["parameter"].values) == told
    assert ("alpha.zero" in json.loads(found.attrs["held"])) == (not told)
