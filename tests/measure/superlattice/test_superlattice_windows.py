"""Integrals over windows of a spectrum, and shifts against a reference."""

import numpy as np
import pytest
from scipy.special import voigt_profile
from studies import mostly_studies

from spinstack.measure.measurement import MeasurementError, measurement, result
from spinstack.measure.superlattice import edge_shift, fit_edges, peak_shift, window_integrals

#: O K edge of a ruthenate: t2g and eg of the metal, and what lies behind
WINDOWS = {"t2g": (526.0, 528.7), "eg": (528.7, 533.1)}
BEFORE, BEHIND = (515.0, 523.0), (555.0, 565.0)


def number(found, name, of="value"):
    return found[of].sel(parameter=name).item()


def oxygen(t2g=1.0, eg=3.0, gain=1.0, noise=0.0, rng=None, stated=True):
    energy = np.linspace(512, 566, 541)
    value = t2g * voigt_profile(energy - 527.6, 0.3, 0) + eg * voigt_profile(energy - 530.9, 0.6, 0)
    value += 0.5 + np.arctan((energy - 540) / 1.0) / np.pi
    value = gain * (value + 0.3 + 0.004 * (energy - 520))
    readings = {"intensity": value + (gain * noise * rng.normal(size=energy.size) if noise else 0)}
    if noise and stated:
        readings["intensity_error"] = np.full(energy.size, gain * noise)
    return measurement(readings, {"energy": energy})


ALL = {"pre_edge": BEFORE, "post_edge": BEHIND, "steps": {540.0: 1.0}, "step_width": 1.0}


def test_windows_hold_the_areas_of_their_peaks_whatever_the_gain():
    for gain in (1.0, 40.0):
        found = window_integrals(oxygen(gain=gain), WINDOWS, reference=oxygen(1.0, 4.0), **ALL)
        assert number(found, "integral_t2g") == pytest.approx(1.0, abs=3e-3)
        assert number(found, "integral_eg") == pytest.approx(3.0, abs=3e-3)
        assert number(found, "ratio_eg") == pytest.approx(3.0, abs=0.01)
        assert number(found, "relative_eg") == pytest.approx(0.75, abs=2e-3)
        assert number(found, "relative_t2g") == pytest.approx(1.0, abs=2e-3)
    bare = window_integrals(data := oxygen(gain=2.0), {"eg": WINDOWS["eg"]}, pre_edge=BEFORE)
    energy, value = data["energy"].values, data["intensity"].values
    line = np.polynomial.Polynomial.fit(*(v[(energy >= 515) & (energy <= 523)] for v in (energy, value)), 1)
    inside = (energy > 528.65) & (energy < 533.15)
    assert number(bare, "integral_eg") == pytest.approx(np.trapezoid((value - line(energy))[inside], energy[inside]))
    assert bare["unit"].item() == "eV times the intensity"
    assert list(bare["parameter"].values) == ["integral_eg"]


@pytest.mark.study
def test_errors_of_integrals_and_ratios_cover_the_truth():
    rng, z = np.random.default_rng(2), []
    names = ["integral_t2g", "integral_eg", "ratio_eg", "relative_t2g", "relative_eg"]
    truth = window_integrals(oxygen(), WINDOWS, reference=oxygen(1.0, 4.0), **ALL)["value"].sel(parameter=names)
    for i in range(250):
        stated = i % 2 == 0
        pair = oxygen(noise=0.02, rng=rng, stated=stated), oxygen(1.0, 4.0, noise=0.03, rng=rng, stated=stated)
        found = window_integrals(pair[0], WINDOWS, reference=pair[1], **ALL).sel(parameter=names)
        z.append(((found["value"] - truth) / found["error"]).values)
    z = np.abs(z)
    assert (z < 1).mean(axis=0) == pytest.approx(0.6827, abs=0.08)
    assert (z < 1.959964).mean(axis=0) == pytest.approx(0.95, abs=0.03)


def test_a_ratio_to_nothing_is_left_out_and_told():
    rng = np.random.default_rng(0)
    data = oxygen(t2g=0.0, noise=0.02, rng=rng)
    found = window_integrals(data, {"before": (523.5, 525.0), **WINDOWS}, pre_edge=BEFORE)
    assert "ratio_eg" not in found["parameter"].values
    assert "ratio_eg" in found.attrs["remark"]


@pytest.mark.parametrize(
    ("changes", "field", "unit"),
    [
        ({"windows": {"eg": (0.5287, 0.5331)}}, "windows.eg", "eV"),  # keV
        ({"windows": {"eg": (533.1, 528.7)}}, "windows.eg", "eV"),
        ({"windows": {"eg": 528.7}}, "windows", "eV"),
        ({"windows": {}}, "windows", "eV"),
        ({"pre_edge": (0.515, 0.523)}, "pre_edge", "eV"),
        ({"post_edge": None}, "post_edge", None),
        ({"step_width": 0.0}, "step_width", "eV"),
    ],
)
def test_wrong_windows_are_refused(changes, field, unit):
    with pytest.raises(MeasurementError) as caught:
        window_integrals(oxygen(), **{"windows": WINDOWS, **ALL, **changes})
    assert caught.value.field == field
    assert unit is None or unit in caught.value.unit + str(caught.value.allowed)


def ruthenium(energy, at=463.0, width=0.6):
    lines = 3 * voigt_profile(energy - at, width, 0.4) + 1.2 * voigt_profile(energy - at - 2.2, 0.5, 0.4)
    return lines + 0.5 * (0.5 + np.arctan((energy - at - 1) / 0.6) / np.pi)


def spectra(rng, shift, scale, noise, points, stated, width=0.6):
    out = []
    for s, k, n, p in zip((shift, 0.0), (scale, 1.0), noise, points, strict=True):
        energy = np.linspace(455, 475, p)
        value = k * ruthenium(energy, 463 + s, width) + 0.1 * (k - 1) + n * rng.normal(size=p)
        readings = {"intensity": value} | ({"intensity_error": np.full(p, n)} if stated else {})
        out.append(measurement(readings, {"energy": energy}))
    return out


def test_shift_and_scale_have_their_sign_and_unit():
    data, reference = spectra(np.random.default_rng(0), 0.3, 2.0, (1e-3, 1e-3), (201, 161), stated=True)
    found = edge_shift(data, reference)
    assert number(found, "shift") == pytest.approx(0.3, abs=3 * number(found, "shift", "error"))
    assert number(found, "shift", "error") < 1e-3
    assert number(found, "scale") == pytest.approx(2.0, abs=0.01)
    assert found["unit"].values.tolist() == ["eV", "1"]
    again = edge_shift(data, reference, reproducibility=0.05)
    assert number(again, "shift", "error") == pytest.approx(np.hypot(number(found, "shift", "error"), 0.05 * 2**0.5))


@pytest.mark.study
def test_errors_of_shifts_follow_the_stated_errors_and_else_the_scatter():
    data, reference = spectra(np.random.default_rng(3), 0.1, 1.0, (0.01, 0.02), (161, 161), stated=True)
    found = edge_shift(data, reference)
    doubled = edge_shift(*(d.assign(intensity_error=2 * d["intensity_error"]) for d in (data, reference)))
    bare = edge_shift(*(d.drop_vars("intensity_error") for d in (data, reference)))
    error = number(found, "shift", "error")
    assert number(doubled, "shift", "error") == pytest.approx(2 * error, rel=0.05)
    assert number(bare, "shift", "error") == pytest.approx(error, rel=0.2)
    # the slope of the edge and the noise of both: least squares of a shift alone
    slope = np.gradient(ruthenium(data["energy"].values), data["energy"].values)
    assert error == pytest.approx(np.hypot(0.01, 0.02) / np.sqrt(np.sum(slope**2)), rel=0.15)


@pytest.mark.parametrize("count", mostly_studies([400], [60]))
def test_errors_of_shifts_cover_the_truth_on_equal_and_other_grids(count):
    # a noisy reference that is interpolated would draw shifts to half its spacing; a common curve does not
    rng, z = np.random.default_rng(4), []
    for i in range(count):
        points = rng.integers(80, 200, 2) if i % 4 else np.full(2, rng.integers(80, 200))
        truth = rng.uniform(-0.6, 0.6), rng.uniform(0.5, 2)
        pair = spectra(rng, *truth, rng.uniform(0.005, 0.03, 2), points, i % 2 == 0, rng.uniform(0.3, 0.8))
        found = edge_shift(*pair)
        z.append((found["value"].values - truth) / found["error"].values)
    z, slack = np.abs(z), 3 * np.sqrt(0.22 / count)
    assert (z < 1).mean(axis=0) == pytest.approx(0.6827, abs=slack)
    assert ((z < 1.959964).mean(axis=0) > 0.95 - slack / 2 - 0.01).all()


@pytest.mark.study
def test_another_shape_and_a_shift_at_the_end_are_told():
    rng = np.random.default_rng(1)
    data, _ = spectra(rng, 0.2, 1.0, (0.005, 0.005), (181, 181), stated=True)
    _, other = spectra(rng, 0.0, 1.0, (0.005, 0.005), (181, 181), stated=True, width=0.9)
    assert "shapes differ" in edge_shift(data, other).attrs["remark"]
    _, reference = spectra(rng, 0.0, 1.0, (0.005, 0.005), (181, 181), stated=True)
    assert "widen `most`" in edge_shift(data, reference, most=0.1).attrs["remark"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"window": (0.458, 0.470)}, "window"),  # keV
        ({"window": (455.0, 475.0)}, "window"),
        ({"most": 0.0}, "most"),
        ({"background": "cubic"}, "background"),
        ({"reproducibility": -0.1}, "reproducibility"),
    ],
)
def test_wrong_arguments_of_a_shift_are_refused(changes, field):
    data, reference = spectra(np.random.default_rng(0), 0.3, 2.0, (1e-3, 1e-3), (81, 81), stated=True)
    with pytest.raises(MeasurementError) as caught:
        edge_shift(data, reference, **changes)
    assert caught.value.field == field


def test_fitted_peaks_have_shifts_with_the_errors_of_both_fits():
    fits = {}
    for name, at in (("LNO", 870.0), ("C2L2", 869.8)):
        energy = np.linspace(864, 878, 141)
        value = voigt_profile(energy - at, 0.45, 0) + 1.5 * voigt_profile(energy - at - 1.2, 0.45, 0)
        noise = 0.005 * np.random.default_rng(len(name)).normal(size=energy.size)
        fits[name] = fit_edges(
            measurement({"intensity": value + noise}, {"energy": energy}), (870.0, 871.2), step="none"
        )
    found = peak_shift(fits, reference="LNO", reproducibility=0.01)
    errors = [number(f, "centre_a", "error") for f in fits.values()]
    assert list(found["parameter"].values) == ["shift_a_C2L2", "shift_b_C2L2"]
    assert number(found, "shift_a_C2L2") == pytest.approx(-0.2, abs=3 * np.hypot(*errors))
    assert number(found, "shift_a_C2L2", "error") == pytest.approx(np.sqrt(np.sum(np.square(errors)) + 2e-4))
    with pytest.raises(MeasurementError, match="reference"):
        peak_shift(fits, reference="NiO")
    with pytest.raises(MeasurementError, match="no peak or step in common"):
        peak_shift({"LNO": fits["LNO"], "x": result({"a": (1.0, 0.1, "1", "")})}, reference="LNO")
