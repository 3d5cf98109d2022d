"""Fits of angle scans against generated measurements: values are unbiased, and stated intervals cover the truth."""

import numpy as np
import pytest
from scipy import stats

from spinstack.measure.angles import consistency, diagnostics, fit_harmonics, fit_planes, magnetisation
from spinstack.measure.cleaning import reverse_current, to_resistance
from spinstack.measure.measurement import measurement

R0, C1, C2, C4 = 1000.0, 1.5e-3, 4e-3, 1.2e-3
PHASE = {1: 25.0, 2: -31.0, 4: 12.0}
SIGMA = 0.3  # Ohm
ONE, TWO = stats.norm.cdf(1) - stats.norm.cdf(-1), 0.95


def noise(rng, rows, rho):
    """White noise, or of first order with the same variance of each row."""
    e = rng.standard_normal(rows)
    for i in range(1, rows):
        e[i] = rho * e[i - 1] + np.sqrt(1 - rho**2) * e[i]
    return SIGMA * e


def scan(rng, rows=181, rho=0.0, drift=0.4, spikes=0, irregular=False):
    angle = np.sort(rng.uniform(-5, 365, rows)) if irregular else np.linspace(0, 360, rows)
    time = np.linspace(0, 600, rows)
    curve = 1 + sum(c * np.cos(np.deg2rad(n * (angle - PHASE[n]))) for n, c in ((1, C1), (2, C2), (4, C4)))
    R = R0 * curve + drift * (time / 300 - 1) + noise(rng, rows, rho)
    hit = rng.choice(rows, spikes, replace=False)
    R[hit] += rng.choice([-1, 1], spikes) * rng.uniform(4, 40, spikes)
    return measurement({"R_xx": R}, {"angle": angle, "time": time}, {"plane": "alpha"})


TRUTH = {"R0": R0, "c1": C1, "c2": C2, "c4": C4, "phase1": 25.0, "phase2": -31.0, "phase4": 12.0, "drift1": 0.4}


def pulls(families, **options):
    """(value - truth)/error (scans, parameters), and the degrees of freedom."""
    z, free = [], []
    for data in families:
        found = fit_harmonics(data, drift_degree=1, diagnose=False, **options)
        picked = found.sel(parameter=list(TRUTH))
        z.append((picked["value"].values - list(TRUTH.values())) / picked["error"].values)
        free.append(found.attrs["degrees_of_freedom"])
    return np.array(z), np.array(free)


def check(z, free):
    """Unbiased to what the number of scans can show, 68 +- 4 % and 95 +- 2 % for all and nearly so for each."""
    count = len(z)
    assert np.all(np.abs(z.mean(axis=0)) < 3.5 / np.sqrt(count))
    for level, all_of_them, each in ((ONE, 0.04, 0.075), (TWO, 0.02, 0.04)):
        inside = np.abs(z) < stats.t.ppf(0.5 + level / 2, free)[:, None]
        assert abs(inside.mean() - level) < all_of_them, (level, inside.mean())
        assert np.all(np.abs(inside.mean(axis=0) - level) < each), (level, inside.mean(axis=0))


@pytest.mark.study
def test_white_noise_with_drift():
    rng = np.random.default_rng(20)
    check(*pulls(scan(rng, irregular=bool(i % 2)) for i in range(500)))


@pytest.mark.study
def test_few_points_need_students_t():
    rng = np.random.default_rng(21)
    z, free = pulls((scan(rng, rows=19) for _ in range(500)), noise="white")
    check(z, free)
    assert np.mean(np.abs(z) < stats.norm.ppf(0.975)) < 0.935  # the normal distribution would promise too much


@pytest.mark.study
def test_noise_that_remembers():
    rng = np.random.default_rng(22)
    families = [scan(rng, rows=361, rho=(0.4, 0.7)[i % 2]) for i in range(500)]
    check(*pulls(families))
    z, free = pulls(families[:100], noise="white")
    assert np.mean(np.abs(z) < stats.t.ppf(0.5 + ONE / 2, free)[:, None]) < 0.55  # white errors are too small


@pytest.mark.study
def test_spikes():
    rng = np.random.default_rng(23)
    check(*pulls((scan(rng, rho=0.3, spikes=int(rng.integers(0, 6))) for _ in range(500)), drop_spikes=6.0))


def film(rng, rows, truth):
    """Scans in three planes of one film whose magnetisation lags the field; Hall part through a tilted alpha plane."""
    out = {}
    for plane, (first, second) in {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}.items():
        angle = np.linspace(0, 360, rows)
        phi = np.deg2rad(angle - truth[f"{plane}.zero"])
        u = np.zeros((rows, 3))
        u[:, first], u[:, second] = np.cos(phi), np.sin(phi)
        if plane == "alpha":
            u[:, 2] = np.tan(np.deg2rad(truth["alpha.tilt1"])) * np.cos(phi)
            u[:, 2] += np.tan(np.deg2rad(truth["alpha.tilt2"])) * np.sin(phi)
            u /= np.linalg.norm(u, axis=1, keepdims=True)
        m = magnetisation(u, 2.0, truth["mu0_Meff"])
        a, b = truth["alpha"], truth["beta"]
        Rx, Ry, Rz = R0, R0 * (1 + a), R0 * (1 + a) * (1 + b)
        R = Rx * m[:, 0] ** 2 + Ry * m[:, 1] ** 2 + Rz * m[:, 2] ** 2
        R += truth["hall"] * m[:, 2] * R[0] + truth["drift"] * np.linspace(-1, 1, rows) + noise(rng, rows, truth["rho"])
        out[plane] = measurement(
            {"R_xx": R}, {"angle": angle, "time": np.linspace(0, 600, rows), "field": 2.0}, {"plane": plane}
        )
    return out


FILM = {"alpha": -3e-3, "beta": 1.2e-3, "alpha.zero": 4.0, "beta.zero": -6.0, "gamma.zero": 2.0, "mu0_Meff": 0.8}
FILM |= {"alpha.tilt1": 2.0, "alpha.tilt2": -3.0, "hall": 5e-3, "drift": 0.3}


@pytest.mark.study
def test_three_planes():
    """80 films, 240 scans: amplitudes, zeros, tilt of a plane, Hall part, demagnetising field; the test of the sum."""
    rng = np.random.default_rng(24)
    names = ["alpha", "beta", "alpha.zero", "beta.zero", "gamma.zero", "mu0_Meff", "alpha.tilt1", "alpha.tilt2", "hall"]
    truth = {**FILM, "gamma": (1 + FILM["alpha"]) * (1 + FILM["beta"]) - 1, "discrepancy": 0.0}
    names += ["gamma", "discrepancy"]
    z, p = [], []
    for i in range(80):
        data = film(rng, 91, {**FILM, "rho": 0.4 * (i % 2)})
        found = fit_planes(data, odd="hall", drift_degree=1, tilt={"alpha": "fit"}, mu0_Meff="fit")
        picked = found.sel(parameter=names)
        z.append((picked["value"].values - [truth[n] for n in names]) / picked["error"].values)
        p.append(consistency(found)["p"])
    z = np.array(z)
    assert np.all(np.abs(z.mean(axis=0)) < 4 / np.sqrt(len(z)))
    assert np.mean(np.abs(z) < 1) == pytest.approx(ONE, abs=0.05)
    assert np.mean(np.abs(z) < 1.97) == pytest.approx(TWO, abs=0.025)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.04)


@pytest.mark.study
def test_a_small_amplitude_is_a_bound():
    """Noise alone: the significance is uniform, so that few scans claim a harmonic that is not there."""
    rng = np.random.default_rng(25)
    p = []
    for _ in range(300):
        R = R0 + noise(rng, 91, 0.0)
        data = measurement({"R_xx": R}, {"angle": np.linspace(0, 360, 91)})
        found = fit_harmonics(data, orders=(1, 2, 4), diagnose=False)
        p.append(found["significance"].values)
    p = np.array(p)
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.025)
    assert np.mean(p < 0.32) == pytest.approx(0.32, abs=0.05)


@pytest.mark.study
def test_diagnostics_speak_up_as_often_as_they_say():
    rng = np.random.default_rng(26)
    said = [diagnostics(fit_harmonics(scan(rng), drift_degree=1)) for _ in range(80)]
    assert np.mean([bool(d["missing_harmonics"]) for d in said]) < 0.1
    assert np.mean([d["ljung_box_p"] < 0.05 for d in said]) < 0.12
    lost = [diagnostics(fit_harmonics(scan(rng), orders=(1, 2), drift_degree=1)) for _ in range(10)]
    assert all(d["missing_harmonics"] == [4] for d in lost)


def beta_scan(rng, amplitude, odd):
    """A beta scan whose amplitude is so many standard errors, about a zero within 5 deg of 0."""
    angle = np.linspace(0, 360, 62)[:-1]
    size = 2 * SIGMA * np.sqrt(2 / 61) * amplitude
    phi = np.deg2rad(angle - rng.uniform(-5, 5))
    R = R0 + size * np.sin(phi) ** 2 + odd * np.sin(phi) + noise(rng, 61, 0.0)
    return {"beta": measurement({"R_xx": R}, {"angle": angle})}, size / R0


@pytest.mark.study
@pytest.mark.parametrize("count", [40, 400])
def test_amplitudes_about_the_least_that_tells_a_zero_have_honest_errors(count):
    """From none to ten errors, of either sign: the choice to hold the zero leaves no step in the coverage."""
    rng = np.random.default_rng(27)
    sizes = (0, 0.5, -1, 2, -2.5, 3, -3.5, 4, -6, 10)
    z, fitted = np.zeros((len(sizes), count)), np.zeros((len(sizes), count))
    for i, size in enumerate(sizes):
        for k in range(count):
            data, truth = beta_scan(rng, size, 0.5)
            found = fit_planes(data, noise="white")
            at = found.sel(parameter="beta")
            z[i, k], fitted[i, k] = float((at["value"] - truth) / at["error"]), "beta.zero" in found["parameter"]
    free = 61 - 5
    for level, each, together in ((ONE, 0.4, 0.5), (TWO, 0.25, 0.25)):
        inside = np.abs(z) < stats.t.ppf(0.5 + level / 2, free)
        assert abs(inside.mean() - level) < together / np.sqrt(count * 3)
        assert np.all(np.abs(inside.mean(axis=1) - level) < each * 4 / np.sqrt(count))
    assert np.all(np.abs(z.mean(axis=1)) < 0.25 + 3 / np.sqrt(count))
    assert fitted[0].mean() < 0.05 + 1 / count
    assert fitted[-1].all()


def stepped(rng, plane, truth, sigma=2e-9, signs=(1, -1)):
    """Voltages at both signs of the current at every setting of a rotator, while offset and resistance drift."""
    first, second = {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}[plane]
    angle = np.repeat(np.arange(0, 361, 5.0), len(signs))
    time, current = 0.5 * np.arange(angle.size), 1e-4 * np.resize(signs, angle.size)
    phi = np.deg2rad(angle - truth[f"{plane}.zero"])
    u = np.zeros((angle.size, 3))
    u[:, first], u[:, second] = np.cos(phi), np.sin(phi)
    m = magnetisation(u, 2.0, truth["mu0_Meff"])
    Ry = R0 * (1 + truth["alpha"])
    R = m**2 @ [R0, Ry, Ry * (1 + truth["beta"])] + truth["drift"] * (2 * time / time[-1] - 1)
    offset = 3e-6 + 2e-8 * time + 1e-6 * np.sin(time / 40)
    V = current * R + offset + sigma * rng.standard_normal(angle.size)
    return measurement({"V_xx": V}, {"time": time, "angle": angle, "current": current, "field": 2.0}, {"plane": plane})


@pytest.mark.parametrize("count", [6, pytest.param(60, marks=pytest.mark.study)])
def test_drift_lag_and_reversed_current_together(count):
    """Thermal voltages that drift by a hundred times the noise leave neither the amplitudes nor the zeros nor the lag.

    Two readings at a setting would leave the drift between them, 1e-4 Ohm, and in its course several times the noise.
    """
    rng = np.random.default_rng(28)
    names = ["alpha", "beta", "gamma", "alpha.zero", "beta.zero", "gamma.zero", "mu0_Meff"]
    truth = {**FILM, "gamma": (1 + FILM["alpha"]) * (1 + FILM["beta"]) - 1}
    z = []
    for _ in range(count):
        scans = {p: to_resistance(reverse_current(stepped(rng, p, FILM))) for p in ("alpha", "beta", "gamma")}
        assert all(one.sizes["point"] == 73 for one in scans.values())
        found = fit_planes(scans, drift_degree=1, mu0_Meff="fit").sel(parameter=names)
        z.append((found["value"].values - [truth[n] for n in names]) / found["error"].values)
    z = np.array(z)
    assert found["error"].values[:3] == pytest.approx(5e-9, abs=2e-9)
    assert np.all(np.abs(z.mean(axis=0)) < 4.5 / np.sqrt(count))
    assert np.mean(np.abs(z) < 1) == pytest.approx(ONE, abs=0.5 / np.sqrt(count))
    assert np.mean(np.abs(z) < 1.97) == pytest.approx(TWO, abs=0.25 / np.sqrt(count))
