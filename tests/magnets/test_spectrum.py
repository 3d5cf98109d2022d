"""Spectra of magnets in time: the mean square of what moves, the frequency of the mode, heat in its width."""

import numpy as np
import pytest
from magnet_tables import hall_bar, model, slonczewski

import spinstack as ss
from spinstack.magnets import modes, spectrum, trace
from spinstack.text.errors import ParameterError

EASY = {"damping": 0.02, "effective_magnetization": 0.8, "anisotropy_field": 0.05, "easy_axis": "x", "volume": 2e-24}


@pytest.mark.study
def test_heat_shows_the_mode_with_its_width():
    made = model(slonczewski((0, 1.0, 0)), hall_bar(), **EASY)
    run = trace(made, "x", duration=100e-9, B=(0.1, 0, 0), T=30.0, runs=8, seed=3, samples=20_001)
    found = spectrum(run, after=10e-9, segments=8)
    mode = modes(made, B=(0.1, 0, 0))
    f, power = found["frequency"].values, found["m"].sel(magnet="Co", component="y").values
    assert f[np.argmax(power)] == pytest.approx(float(mode["frequency"][0]), rel=0.03)
    half = f[power > power.max() / 2]
    assert np.ptp(half) == pytest.approx(float(mode["linewidth"][0]), rel=0.35)
    rest = run.isel(time=run["time"].values >= 10e-9)
    square = ((rest["m"] - rest["m"].mean("time")) ** 2).mean(("time", "run")).sel(magnet="Co", component="y")
    assert np.sum(power) * (f[1] - f[0]) == pytest.approx(float(square), rel=0.1)
    # to first order only R_across sees m_y about x
    assert found["R_across"].max() > 10 * found["R_along"].max()


def test_bad_runs():
    made = model(slonczewski((0, 1.0, 0)), hall_bar(), **EASY)
    run = trace(made, "x", duration=1e-9, B=(0.1, 0, 0), samples=50)
    with pytest.raises(ParameterError, match="segments"):
        spectrum(run, segments=20)
    with pytest.raises(ParameterError, match="run"):
        spectrum(run["m"])
    with pytest.raises(ParameterError, match="after"):
        spectrum(run, after=-1.0)
    assert ss.spectrum is spectrum
