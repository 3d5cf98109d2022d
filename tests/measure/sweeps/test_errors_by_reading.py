"""Every error of every analysis is that of all its readings, which are moved one by one: no term can be missing."""

import functools
import warnings

import numpy as np
import pytest
import xarray as xr
from moved_readings import SCATTER, believed, moved
from scipy.signal import lfilter

from spinstack.measure import sweeps
from spinstack.measure.measurement import measurement
from spinstack.measure.sweeps.bands import sheet_resistances

RNG = np.random.default_rng(12)
SIZES = {"bar_length": 7e-4, "bar_width": 2e-4, "film_thickness": 8e-9}


def run(readings, conditions, size, even=False):
    """Readings with uneven errors of about `size`, and noise of that size."""
    out = {}
    for name, values in readings.items():
        errors = np.full(values.size, size) if even else size * RNG.uniform(0.4, 1.8, values.size)
        out |= {name: values + errors * RNG.standard_normal(values.size), f"{name}_error": errors}
    return measurement(out, conditions, SIZES)


def there_and_back(low, high, points):
    line = np.linspace(low, high, points)
    return np.concatenate([line, line[::-1]]), np.repeat([1, -1], points)


B = np.linspace(-5, 5, 41)
HALL = {"R_xy": 0.02 * B + 0.3 * np.tanh(4 * B), "R_xx": 350 + 0.1 * B**2}
LOOP, SIDE = there_and_back(-4, 4, 65)
SWITCHED = 0.3 + 0.1 * LOOP + np.tanh((LOOP - 0.05 - 0.2 * SIDE) / 0.8)
FAR = 0.3 + 0.2 * LOOP + np.tanh((2.5 * LOOP - 5 - 0.2 * SIDE) / 2.0)
COARSE, SIDES = there_and_back(-4, 4, 17)
WING, WINGS = there_and_back(-2, 2, 81)
PEAKS = 1000 + 200 / (1 + ((WING - 0.1 - 0.9 * WINGS) / 0.25) ** 2) + 8 * WING**2 + 3 * WING
T = np.geomspace(4, 300, 60)
COLD = np.linspace(10, 60, 61)
ORDER = 0.5 * (1 - np.tanh((COLD - 35) / 4)) + 0.02 + 1e-3 * COLD
FEW = np.linspace(10, 60, 26)
WEISS = np.sqrt(np.clip(1 - FEW / 38.9, 0, None))
WARM = np.linspace(100, 300, 21)
CONTACTS = {
    n: np.array([v])
    for n, v in {
        "R_12_43": 31.0,
        "R_43_12": 31.0,
        "R_34_21": 31.0,
        "R_21_34": 31.0,
        "R_23_14": 12.0,
        "R_41_32": 12.0,
        "R_14_23": 12.0,
        "R_32_41": 12.0,
    }.items()
}
BARS = {
    f"bar {i}": measurement(
        {"R_xx": np.array([2 * 0.4 + 1000 * length + 3e-3 * (-1) ** i]), "R_xx_error": np.array([1e-3])},
        {},
        {"bar_length": length, "bar_width": 1.0, "film_thickness": 8e-9},
    )
    for i, length in enumerate((0.001, 0.002, 0.003, 0.005))
}
RHO = np.linspace(1.0, 2.0, 8) * 1e-6
TABLE = xr.merge([run({"rho_xx": RHO}, {}, 1e-9), run({"rho_xy": 900 * RHO**2}, {}, 1e-12)])
MAGNETIC = TABLE.assign(magnetization=("point", np.full(8, 2e5)))
SPLIT = 3e-3
FC = 2e-8 * (1 - 5e-3 * COLD)
ZFC = FC * (1 - 0.02 * np.clip(45 - COLD, 0, None))

#: analysis: its measurements, its arguments, numbers to leave out, noise of readings whose errors it does not read
CASES = {
    "hall_slope": ({"data": run(HALL, {"field": B}, 1e-3)}, {"above": 2.0}),
    "hall_slope of a window": (
        {"data": run(HALL, {"field": B}, 1e-3)},
        {"below": 4.0, "anomalous": False, "even": (0, 2), "sheet_resistance": (90.0, 0.0)},
    ),
    "hysteresis_loop": ({"data": run({"moment": SWITCHED}, {"field": LOOP}, 3e-3)}, {"above": 3.3}),
    "hysteresis_loop with drift": (
        {"data": run({"moment": SWITCHED}, {"field": LOOP}, 3e-3)},
        {"drift": True, "above": 3.3},
    ),
    "hysteresis_loop far from zero": ({"data": run({"moment": FAR}, {"field": 2.5 * LOOP}, 3e-3)}, {"above": 8.0}),
    "hysteresis_loop of known slope": ({"data": run({"moment": SWITCHED}, {"field": LOOP}, 3e-3)}, {"slope": 0.1}),
    "hysteresis_loop as a shape": (
        {
            "data": run(
                {"moment": 0.3 + 0.1 * COARSE + np.tanh((COARSE - 0.05 - 0.2 * SIDES) / 0.8)}, {"field": COARSE}, 1e-3
            )
        },
        {"method": "tanh"},
    ),
    "anomalous_hall_loop": ({"data": run({"R_xy": SWITCHED}, {"field": LOOP}, 3e-3)}, {}),
    "butterfly": ({"data": run({"R_xx": PEAKS}, {"field": WING}, np.sqrt(0.5), even=True)}, {"at": 1.8}),
    "magnetoresistance": (
        {"data": run({"R_xx": 100 + 0.3 * B + 0.4 * B**2}, {"field": B}, 0.02)},
        {"at": [3.01, -2.51, 4.01], "square": 1.51},
    ),
    "magnetoresistance to the ends": ({"data": run({"R_xx": 100 + 0.3 * B + 0.4 * B**2}, {"field": B}, 0.02)}, {}),
    "hall_bar": (
        {"data": run({"R_xx": np.full(4, 350.0), "R_xy": np.full(4, 7.0)}, {"temperature": np.full(4, 5.0)}, 0.1)},
        {},
    ),
    "transfer_length": (BARS, {}),
    "transfer_length of short contacts": (BARS, {"contact_length": 5e-4}),
    "residual_ratio": ({"data": run({"R_xx": 10 + 0.3 * T}, {"temperature": T}, 0.01)}, {}),
    "residual_ratio between": (
        {"data": run({"R_xx": 10 + 0.3 * T}, {"temperature": T}, 0.01)},
        {"high": 200.0, "low": 20.0},
    ),
    "resistivity_at": ({"data": run({"R_xx": 10 + 0.3 * T}, {"temperature": T}, 0.01)}, {"temperature": 77.0}),
    "upturn": ({"data": run({"R_xx": 100 + 3 * np.log(T / 40) ** 2}, {"temperature": T}, 0.01)}, {}),
    "critical_temperature": ({"data": run({"moment": ORDER}, {"temperature": COLD}, 1e-3)}, {"baseline": (52.0, 60.0)}),
    "critical_temperature at the steepest slope": (
        {"data": run({"moment": ORDER}, {"temperature": COLD}, 1e-4)},
        {"method": "derivative"},
    ),
    "critical_temperature of a power law": (
        {"data": run({"moment": WEISS}, {"temperature": FEW}, 1e-4)},
        {"method": "power", "window": (10, 46)},
    ),
    "curie_weiss": (
        {
            "data": run(
                {"moment": 0.5 * (3e-4 / (WARM - 20) + 1e-7)}, {"temperature": WARM, "field": np.full(21, 0.5)}, 1e-9
            )
        },
        {"window": (100, 300)},
    ),
    "splitting_temperature": (
        {
            "zero_field_cooled": measurement(
                {"moment": ZFC, "moment_error": SPLIT / np.sqrt(2) * FC}, {"temperature": COLD}
            ),
            "field_cooled": measurement(
                {"moment": FC, "moment_error": SPLIT / np.sqrt(2) * FC**2 / ZFC}, {"temperature": COLD}
            ),
        },
        {"fraction": 0.11},
    ),
    "van_der_pauw": ({"data": run(CONTACTS, {}, 0.02)}, {}),
    **{
        f"scaling with the law {law}": ({"data": TABLE}, {"law": law})
        for law in ("quadratic", "offset", "skew", "power")
    },
    "scaling of a magnet": ({"data": MAGNETIC}, {"law": "quadratic"}),
}
#: noise of readings whose stated errors are not read
NOISE = {"splitting_temperature": SPLIT, "transfer_length": 1e-3, "transfer_length of short contacts": 1e-3}
#: where rows are in two fits that count as independent, or weights follow the readings
CLOSE = {"hysteresis_loop": 0.02, "anomalous_hall_loop": 0.02, "hysteresis_loop of known slope": 0.05, "upturn": 0.02}
CLOSE |= {"hysteresis_loop with drift": 0.02, "hysteresis_loop far from zero": 0.04}


def analysed(name, data, given):
    analysis = getattr(sweeps, name.split()[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "data" in data:
            return analysis(data["data"], **given)
        return analysis(list(data.values()), **given) if "bar 0" in data else analysis(**data, **given)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("name", CASES)
def test_errors_are_those_of_all_readings(name, monkeypatch):
    data, given = CASES[name]
    for place in SCATTER:
        monkeypatch.setattr(place, functools.partial(believed, noise=NOISE.get(name, 1.0)))
    out = analysed(name, data, given)
    names = out["parameter"].values.tolist()
    expected = moved(lambda d: analysed(name, d, given)["value"].values, data)
    sizes, close = np.sqrt(np.diag(expected)), CLOSE.get(name, 5e-3)
    shares = dict(zip(names, (out["error"].values / np.where(sizes > 0, sizes, 1.0)).tolist(), strict=True))
    assert shares == pytest.approx({n: float(s > 0) for n, s in zip(names, sizes, strict=True)}, abs=close)
    if "covariance" in out:
        both = np.outer(sizes, sizes)
        np.testing.assert_allclose(out["covariance"].values / both, expected / both, atol=close)


#: readings of results that show what was measured, what was fitted and what is left
SHOWN = {
    "hall_slope": ("R_xy", "fitted", "residual"),
    "curie_weiss": ("moment", "fitted", "residual"),
    "transfer_length": ("measured", "fitted", "residual"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_left_is_measured_less_fitted(name):
    data, given = CASES[name]
    reading, fitted, residual = SHOWN[name]
    out = analysed(name, data, given)
    whole = (out[fitted] + out[residual]).values
    if reading in out:
        np.testing.assert_allclose(whole, out[reading], rtol=1e-12)
        return
    one = data["data"]
    rows = np.isin(one["field" if "field" in out else "temperature"], out["field" if "field" in out else "temperature"])
    np.testing.assert_allclose(whole, one[reading].values[rows], rtol=1e-9)
    assert np.std(out[residual]) < 0.1 * np.std(out[fitted])


#: how far a drawn line may be from the readings, in their scatter
DRAWN = [
    n for n in CASES if not n.startswith(("hall_slope of", "hall_bar", "transfer", "van_der", "scaling", "splitting"))
]


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_lines_lie_on_the_readings(name):
    data, given = CASES[name]
    out = analysed(name, data, given)
    along = "temperature" if "fit_temperature" in out else "field"
    reading = out.attrs["reading"]
    x, y = out[f"fit_{along}"].values, out[f"fit_{reading}"].values
    one = data["data"]
    places, values = one[along].values, one[reading].values
    drawn = np.flatnonzero(np.isfinite(x))
    assert drawn.size > 20
    # tangents and levels lie on the readings only where they touch them
    far = np.array([np.min(np.abs(values[np.abs(places - x[k]) <= 2 * np.ptp(places) / 40] - y[k])) for k in drawn])
    assert np.quantile(far, 0.9) < 0.12 * np.ptp(values)


def test_windows_and_lines_are_those_that_were_fitted():
    """Ends of the windows, and of the pieces that are drawn, in order."""

    def pieces(out):
        x = out["fit_field"].values
        return [(p[0], p[-1]) for p in np.split(x, np.flatnonzero(np.isnan(x))) for p in [p[np.isfinite(p)]] if p.size]

    hall = analysed("hall_slope", *CASES["hall_slope"])
    assert hall.attrs["fit_windows"] == [-5.0, -2.0, 2.0, 5.0]
    assert pieces(hall) == [(-5.0, -2.0), (2.0, 5.0)]
    assert (hall.attrs["above"], hall.attrs["below"]) == (2.0, 5.0)
    data = CASES["hall_slope"][0]["data"].drop_vars(["R_xx", "R_xx_error"])
    for rows, given, windows in (
        (B > 0.3, {}, [0.5, 5.0]), (B < -0.3, {}, [-5.0, -0.5]), (B > 0.3, {"above": 1.9}, [1.9, 5.0]),
        (B < 1.1, {"above": 0.4, "below": 3.1}, [-3.0, -0.4, 0.4, 1.0]), (np.ones(41, bool), {}, [-5.0, 5.0]),
    ):  # fmt: skip
        out = sweeps.hall_slope(data.isel(point=rows), **given)
        assert out.attrs["fit_windows"] == pytest.approx(windows)
        assert np.ravel(pieces(out)) == pytest.approx(windows)
    loop = analysed("hysteresis_loop", *CASES["hysteresis_loop"])
    assert loop.attrs["fit_windows"] == [-4.0, -3.3, 3.3, 4.0]
    assert pieces(loop)[:2] == [(-4.0, -3.3), (3.3, 4.0)]
    assert sweeps.hysteresis_loop(CASES["hysteresis_loop"][0]["data"]).attrs["above"] == pytest.approx(2.8)
    shape = analysed("hysteresis_loop as a shape", *CASES["hysteresis_loop as a shape"])
    assert pieces(shape) == [(-4.0, 4.0), (-4.0, 4.0)]
    weiss = analysed("curie_weiss", *CASES["curie_weiss"])
    assert weiss["fit_temperature"].values[[0, -2]].tolist() == [100.0, 300.0]
    assert weiss.attrs["window"] == [100.0, 300.0]


#: powers of the reading, the field and the temperature in what is told in a unit
POWERS = {
    "1": (0, 0, 0), "T": (0, 1, 0), "K": (0, 0, 1), "Ohm": (1, 0, 0), "A m^2": (1, 0, 0), "Ohm m": (1, 0, 0),
    "Ohm/T": (1, -1, 0), "A m^2/T": (1, -1, 0), "A m^2/K": (1, 0, -1), "1/T": (0, -1, 0), "1/T^2": (0, -2, 0),
    "1/m^2": (-1, 1, 0), "1/m^3": (-1, 1, 0), "m^3/C": (1, -1, 0), "m^2/(V s)": (0, -1, 0), "A m^2 K/T": (1, -1, 1),
    "1/Ohm": (-1, 0, 0),
}  # fmt: skip
ARGUMENTS = {
    "field": ("above", "below", "at", "square"), "temperature": ("temperature", "high", "low", "window", "baseline"),
    "reading": ("sheet_resistance",),
}  # fmt: skip
#: the slope is in two units at once there, and the law of a table has units of its own
SCALED = [
    n for n in CASES if not n.startswith(("scaling", "splitting", "transfer", "hall_bar", "hysteresis_loop of known"))
]


@pytest.mark.parametrize("factors", [(1e-3, 0.2, 1.7), (50.0, 3.0, 0.4)])
@pytest.mark.parametrize("name", SCALED)
def test_numbers_go_with_the_size_of_reading_field_and_temperature(name, factors):
    """Nothing is compared with a size that a reading or a condition only happens to have."""
    data, given = CASES[name]
    by = dict(zip(("reading", "field", "temperature"), factors, strict=True))
    scaled = {}
    for key, one in data.items():
        readings = {n: (one[n].dims, one[n].values * by["reading"], one[n].attrs) for n in one.data_vars}
        places = {n: (one[n].dims, one[n].values * by[n], one[n].attrs) for n in one.coords if n in by}
        scaled[key] = one.assign(readings).assign_coords(places)
    of = {argument: kind for kind, names in ARGUMENTS.items() for argument in names}
    if "baseline" in given and np.ndim(given["baseline"]) == 0:
        of["baseline"] = "reading"
    again = {n: (np.multiply(v, by[of[n]]).tolist() if n in of else v) for n, v in given.items()}
    here, there = analysed(name, data, given), analysed(name, scaled, again)
    power = np.array([POWERS[u] for u in here["unit"].values.tolist()])
    size = np.prod(np.power(factors, power), axis=1)
    spread = np.where(here["error"].values > 0, here["error"].values, 1.0)
    np.testing.assert_allclose(there["value"] / size / spread, here["value"] / spread, rtol=1e-6, atol=0.02)
    np.testing.assert_allclose(there["error"] / size / spread, here["error"] / spread, rtol=5e-3)
    np.testing.assert_allclose(there["freedom"], here["freedom"], rtol=0.02)


BANDS = sheet_resistances(B, np.array([3e18, 1e18]), np.array([0.15, -0.4]))
#: analyses of rows in any order that widen errors for correlated noise, and how they are called
WIDENED = {
    "hall_slope": (lambda e: {"R_xy": 0.02 * B + 1e-3 * e[0]}, sweeps.hall_slope),
    "two_band": (
        lambda e: {"R_xx": BANDS[0] * 3.5 * (1 + 1e-3 * e[0]), "R_xy": BANDS[1] + 1e-2 * BANDS[0] * e[1]},
        sweeps.two_band,
    ),
    "curie_weiss": (
        lambda e: {"moment": 3e-4 / (200 + 10 * B) + 1e-9 * e[0]}, lambda d: sweeps.curie_weiss(d, (100, 300))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDENED)
def test_errors_are_wider_by_the_factor_that_is_told(name):
    """Out of their order rows have no neighbours, and errors are those of white noise."""
    made, analysis = WIDENED[name]
    noise = lfilter([1.0], [1.0, -0.7], np.random.default_rng(2).standard_normal((2, 41)), axis=1)
    data = measurement(made(noise), {"field": B if "R_xy" in made(noise) else np.ones(41)}, SIZES)
    data = data if "R_xy" in data else data.assign_coords(temperature=("point", 200 + 10 * B))
    out = analysis(data)
    white = min((analysis(data.isel(point=np.random.default_rng(s).permutation(41))) for s in range(4)),
                key=lambda one: one.attrs["error_factor"])  # fmt: skip
    assert (white.attrs["error_factor"], out.attrs["error_factor"] > 1.3) == (1.0, True)
    np.testing.assert_allclose(out["error"], out.attrs["error_factor"] * white["error"], rtol=1e-3)


@pytest.mark.parametrize("reach", [1.0, 0.1])
def test_two_bands_that_the_field_does_not_tell_apart_are_told_by_their_correlation(reach):
    noise = 1e-5 * np.random.default_rng(4).standard_normal((2, 41))
    along, across = sheet_resistances(B, np.array([3e18, 1e18]), reach * np.array([0.5, -1.5]))
    readings = {"R_xx": along * 3.5 * (1 + noise[0]), "R_xy": across + along * noise[1]}
    out = sweeps.two_band(measurement(readings, {"field": B}, SIZES))
    four = out.isel(parameter=slice(0, 4), parameter_other=slice(0, 4))
    r = four["covariance"].values / np.outer(four["error"], four["error"])
    np.testing.assert_allclose(np.diag(r), 1.0)
    assert out.attrs["largest_correlation"] == pytest.approx(np.abs(r[np.triu_indices(4, 1)]).max())
    assert (out.attrs["largest_correlation"] > 0.99) == (reach < 1)
