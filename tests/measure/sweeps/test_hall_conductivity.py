"""Anomalous Hall conductivity from loops and a temperature sweep; resistivity at one temperature."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, measurement, result
from spinstack.measure.sweeps import hall_conductivity, interval, resistivity_at, scaling, scaling_table

SIZES = {"bar_length": 1.2e-3, "bar_width": 2e-4, "film_thickness": 5e-8}
T = np.arange(2.0, 301, 2.0)


def resistance(T):
    return 600 * (0.7 + 0.3 * (T / 300) ** 1.5)


def cooled(rng=None, noise=0.0, **attributes):
    R = resistance(T) + (noise * rng.standard_normal(T.size) if rng else 0)
    return measurement({"R_xx": R}, {"temperature": T}, {**SIZES, **attributes})


def loop(T, rho, error=1e-13, **attributes):
    """What `anomalous_hall_loop` tells of one loop."""
    numbers = {"hall_resistivity": (rho, error, "Ohm m", "anomalous Hall resistivity")}
    kept = {"temperature": T, "temperature_spread": 0.01, "film_thickness": 5e-8, **attributes}
    return result(numbers, attributes=kept)


def test_the_tensor_is_inverted():
    rho_xy = {5.0: 3e-7, 50.0: -2e-6}
    table = hall_conductivity([loop(T, rho) for T, rho in rho_xy.items()], cooled())
    for T, y in rho_xy.items():
        x = resistance(T) / 6 * 5e-8
        conductivity = np.linalg.inv([[x, -y], [y, x]])
        row = table.sel(temperature=T)
        assert float(row["rho_xx"]) == pytest.approx(x, rel=2e-4)
        assert float(row["sigma_xy"]) == pytest.approx(conductivity[0, 1], rel=4e-4)
    assert table["sigma_xy"].attrs["units"] == "S/m"


@pytest.mark.study
def test_errors_cover_the_truth():
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(300):
        true = 2e-6
        table = hall_conductivity([loop(40.0, true + 2e-8 * rng.standard_normal(), 2e-8)], cooled(rng, noise=6.0))
        x = resistance(40.0) / 6 * 5e-8
        off = float(table["sigma_xy"][0]) - true / (x**2 + true**2)
        inside.append(abs(off) / float(table["sigma_xy_error"][0]))
    # both readings matter: neither alone gives two thirds
    assert np.mean(np.array(inside) < 1) == pytest.approx(0.683, abs=3 * np.sqrt(0.68 * 0.32 / 300) + 0.03)
    assert np.mean(np.array(inside) < 2) == pytest.approx(0.954, abs=3 * np.sqrt(0.95 * 0.05 / 300) + 0.02)


def test_magnetisation_and_anomalous_hall_factor():
    moment = measurement({"moment": 2e-9 * (1 - (T / 310) ** 2)}, {"temperature": T})
    volume = 4e-14
    loops = []
    for place in (10.0, 40.0, 90.0):
        x = resistance(place) / 6 * 5e-8
        loops.append(loop(place, 3e-4 * x**2 * 5e4 * (1 - (place / 310) ** 2)))
    table = hall_conductivity(loops, cooled(), magnetization=moment, volume=volume)
    np.testing.assert_allclose(table["magnetization"], 5e4 * (1 - (table["temperature"] / 310) ** 2), rtol=1e-4)
    found = scaling(table)
    assert float(found["value"].sel(parameter="S_H")) == pytest.approx(3e-4, rel=5e-4)
    few = scaling(table, window=(5, 50))
    assert few.sizes["row"] == 2
    with pytest.raises(MeasurementError, match=r"window \[K\]: got \(1, 2\). Allowed: two temperatures with rows"):
        scaling(table, window=(1, 2))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hall_conductivity([loop(500.0, 1e-9)], cooled()), r"temperature \[K\]: got 500"),
        (
            lambda: hall_conductivity([loop(5.0, 1e-9, film_thickness=4e-8)], cooled()),
            r"film_thickness \[m\]: got 4e",
        ),
        (lambda: hall_conductivity([loop(5.0, 1e-9, sample="A")], cooled(sample="B")), "sample: got .*'A', 'B'"),
        (lambda: hall_conductivity([loop(5.0, 1e-9)], cooled(), magnetization=cooled()), "volume"),
        (lambda: resistivity_at(cooled(), 400.0), r"temperature \[K\]: got 400"),
        (lambda: resistivity_at(cooled().drop_attrs(deep=False), 4.0), "(?s)bar_length.*bar_width.*film_thickness"),
    ],
)
def test_bad_calls(call, words):
    with pytest.raises(MeasurementError, match=words):
        call()


@pytest.mark.study
def test_resistivity_at_a_temperature():
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(300):
        found = resistivity_at(cooled(rng, noise=1.0), 77.0)
        low, high = interval(found, "resistivity", 0.68)
        inside.append(low < resistance(77.0) / 6 * 5e-8 < high)
    assert np.mean(inside) == pytest.approx(0.68, abs=0.09)
    assert float(found["value"].sel(parameter="sheet_resistance")) == pytest.approx(resistance(77.0) / 6, rel=0.01)
    assert found.attrs["temperature"] == 77.0
    wide = resistivity_at(cooled().drop_attrs(deep=False), 77.0, bar_length=2.4e-3, bar_width=2e-4, film_thickness=1e-7)
    assert float(wide["value"].sel(parameter="resistivity")) == pytest.approx(resistance(77.0) / 12 * 1e-7, rel=1e-6)


@pytest.mark.parametrize("rho", [3e-7, -2e-6, 6e-6])
def test_the_error_of_a_conductivity_is_that_of_both_resistivities_at_any_hall_angle(rho):
    rng = np.random.default_rng(1)
    table = hall_conductivity([loop(40.0, rho, 2e-8)], cooled(rng, noise=1.0)).isel(temperature=0)
    x, y, h = float(table["rho_xx"]), float(table["rho_xy"]), 1e-12
    slopes = [((y + dy) / ((x + dx) ** 2 + (y + dy) ** 2) - (y - dy) / ((x - dx) ** 2 + (y - dy) ** 2)) / (2 * h)
              for dx, dy in ((h, 0.0), (0.0, h))]  # fmt: skip
    expected = np.hypot(slopes[0] * float(table["rho_xx_error"]), slopes[1] * 2e-8)
    assert float(table["sigma_xy_error"]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("stated", "freedom"), [(1.0, np.inf), (0.1, 7.0), (None, 7.0)])
def test_stated_errors_of_a_law_are_known_and_those_of_the_scatter_have_its_freedom(stated, freedom):
    x = np.linspace(1.0, 2.0, 8) * 1e-6
    y = 900 * x**2 + 1e-11 * np.random.default_rng(2).standard_normal(8)
    more = {} if stated is None else {"rho_xy_error": np.full(8, 1e-11 * stated)}
    found = scaling(scaling_table(x, y, **more))
    assert found["freedom"].values.tolist() == [freedom]
