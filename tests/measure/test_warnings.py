"""A warning stands at the line of the person who called, however deep its reason was found."""

import warnings

import numpy as np
import pytest

from spinstack.measure.cleaning import even_part
from spinstack.measure.measurement import measurement
from spinstack.measure.readers import read
from spinstack.measure.sweeps import hall_slope, hysteresis_loop, residual_ratio, two_band

NOISE = np.random.default_rng(0).standard_normal(162)
B, SIDE = np.concatenate([np.linspace(4, -4, 81), np.linspace(-4, 4, 81)]), np.repeat([-1, 1], 81)
LOOP = np.tanh((B - 0.4 * SIDE) / 0.1) + 1e-5 * NOISE
WARMED = {"field": B[:81], "temperature": np.linspace(5, 30, 81)}
BANDS = {"R_xx": 100 + B[:81] ** 2, "R_xy": 0.1 * B[:81] + 1e-3 * NOISE[:81]}
BAR = {"bar_length": 1e-3, "bar_width": 1e-4}
T = np.concatenate([np.linspace(10, 100, 20), np.linspace(100, 10, 20)])
CALLS = {
    "no step": lambda: hysteresis_loop(measurement({"moment": NOISE}, {"field": B})),
    "the background bends": lambda: hysteresis_loop(
        measurement({"moment": LOOP + 0.03 * np.sign(B) * B**2}, {"field": B})
    ),
    "cooling and warming": lambda: residual_ratio(
        measurement({"R_xx": 100 + 5.0 * (np.arange(40) < 20)}, {"temperature": T})
    ),
    "temperature runs from": lambda: hall_slope(measurement({"R_xy": BANDS["R_xy"]}, WARMED)),
    "of a mixture": lambda: two_band(measurement(BANDS, WARMED, BAR)),
    "is centred at": lambda: even_part(
        measurement({"R_xy": np.tanh((B - 0.9 - 0.4 * SIDE) / 0.1) + 1e-3 * NOISE}, {"field": B}), "R_xy"
    ),
}


@pytest.mark.parametrize("words", CALLS)
def test_a_warning_stands_at_the_line_that_called(words):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        CALLS[words]()
    assert [w.filename for w in told if words in str(w.message)] == [__file__]


def test_a_warning_of_a_file_stands_at_the_line_that_reads_it(tmp_path):
    path = tmp_path / "far.dat"
    path.write_text("field (T),R_xx (Ohm)\n" + "".join(f"{300 + k},{k}\n" for k in range(9)))
    with pytest.warns(UserWarning, match="Oe or mT") as told:
        read(path)
    assert told[0].filename == __file__
