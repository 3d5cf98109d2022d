"""Leads, contacts, meters and the shorts of the ends, against synthetic truth and a plate of finite elements."""

import numpy as np
import pytest
from plate import bar, extrapolated

from spinstack.measure.bars import two_terminal_rise
from spinstack.measure.cleaning import correct_loading, subtract_leads
from spinstack.measure.measurement import MeasurementError, history
from spinstack.measure.measurement import measurement as made
from spinstack.measure.restore import replay
from spinstack.measure.sweeps import hall_bar

SIZES = {"bar_length": 20e-6, "bar_width": 10e-6}


def value(found, name, what="value"):
    return float(found[what].sel(parameter=name))


def test_known_leads_go_with_an_error_that_rows_share():
    data = made({"R_xx": [110.0, 112.0, 111.0], "R_xx_error": [0.3, 0.3, 0.3]}, {}, SIZES)
    out = subtract_leads(data, resistance=11.0, error=0.4)
    np.testing.assert_allclose(out.R_xx, [99.0, 101.0, 100.0])
    np.testing.assert_allclose(out.R_xx_error, 0.3)
    assert out.attrs["series_error"] == 0.4
    found = hall_bar(out, length_error=0.1e-6, width_error=0.2e-6)
    assert value(found, "sheet_resistance") == pytest.approx(50.0)
    rows = 0.3 * np.sqrt(1 / 3) * np.sqrt(max(1.0, 2 / 0.09 / 2))  # the scatter says more than the stated errors
    sizes = 100.0 * np.hypot(0.1 / 20, 0.2 / 10)
    assert value(found, "sheet_resistance", "error") == pytest.approx(np.sqrt(rows**2 + 0.4**2 + sizes**2) / 2)
    again = subtract_leads(out, resistance=1.0, error=0.3)
    assert again.attrs["series_error"] == pytest.approx(0.5)
    assert replay(data, history(again)).identical(again)


def test_measured_leads_are_told_at_the_temperatures_of_the_rows():
    T, there = np.linspace(10, 300, 30), np.linspace(50, 250, 11)
    data = made({"R_xx": 200 + T + 5 + 0.01 * T, "R_xx_error": np.full(30, 0.2)}, {"temperature": T})
    leads = made({"R_xx": 5 + 0.01 * there, "R_xx_error": np.full(11, 0.1)}, {"temperature": there}, {"source": "s"})
    out = subtract_leads(data, leads)
    kept = T[(T >= 40) & (T <= 260)]  # ends may be passed by half a distance
    np.testing.assert_allclose(out.temperature, kept)
    np.testing.assert_allclose(out.R_xx, 200 + kept, rtol=1e-12)
    leads_error = np.where(kept % 20 == 10, 1.0, np.sqrt(0.5)) * 0.1
    leads_error[[0, -1]] = np.hypot(1.5, 0.5) * 0.1
    np.testing.assert_allclose(out.R_xx_error, np.hypot(0.2, leads_error))
    assert f", {30 - kept.size} rows dropped" in history(out)[-1]["remark"]
    assert "series_error" not in out.attrs
    assert replay(data, history(out), {"s": leads}).identical(out)
    # one value for all is one error for all
    one = subtract_leads(data, made({"R_xx": [7.0], "R_xx_error": [0.25]}, {}))
    np.testing.assert_allclose(one.R_xx, data.R_xx - 7.0)
    np.testing.assert_allclose(one.R_xx_error, 0.2)
    assert one.attrs["series_error"] == 0.25


def test_shorted_hall_field_of_a_two_terminal_bar():
    tangents = np.array([0.0, 0.1, -0.2, 0.3])

    def solve(n):
        return 50.0 * np.array([bar(n, 2 * n, [], t)[0] for t in tangents])

    R, error = extrapolated(solve, 16, 1.0)
    data = made({"R_xx": R + 8.0, "R_xy": 50.0 * tangents}, {}, SIZES)
    out = subtract_leads(data, resistance=8.0, hall=True)
    # what is left is of the fourth order of the tangent
    np.testing.assert_allclose(out.R_xx, 100.0, atol=error.max() + 100 * 0.3**4 / 2)
    np.testing.assert_allclose(out.R_xx[:3], 100.0, atol=error.max() + 0.05)
    assert R[3] > 102.0
    assert "shorts" in history(out)[-1]["remark"]


def test_errors_without_the_shorted_hall_field():
    y, H, e, f = 100.0, 12.0, 0.3, 0.2
    data = made({"R_xx": [y], "R_xy": [H], "R_xx_error": [e], "R_xy_error": [f]}, {}, SIZES)
    out = subtract_leads(data, resistance=0.0, hall=True)

    def film(y, H):
        R = 50.0
        for _ in range(50):
            R = y / 2 - two_terminal_rise(2.0, 1.0) * H**2 / R
        return 2 * R

    assert float(out.R_xx[0]) == pytest.approx(film(y, H))
    slopes = [(film(y + 1e-4, H) - film(y - 1e-4, H)) / 2e-4, (film(y, H + 1e-4) - film(y, H - 1e-4)) / 2e-4]
    assert float(out.R_xx_error[0]) == pytest.approx(np.hypot(slopes[0] * e, slopes[1] * f), rel=1e-6)


@pytest.mark.parametrize(
    ("readings", "arguments", "field"),
    [
        ({"R_xx": [1.0]}, {}, "leads, resistance"),
        ({"R_xx": [1.0]}, {"resistance": 2.0}, "resistance of the leads"),
        ({"R_xx": [1.0]}, {"resistance": -2.0}, "resistance"),
        ({"R_xx": [1.0]}, {"resistance": 0.1, "error": -1.0}, "error"),
        ({"R_xx": [1.0], "R_xy": [0.3]}, {"resistance": 0.1, "hall": True}, "R_xy"),
        ({"R_xx": [1.0]}, {"resistance": 0.1, "hall": True}, "R_xy"),
        ({"R_xx": [1.0]}, {"resistance": 0.1, "hall": 1}, "hall"),
    ],
)
def test_what_cannot_be_is_refused(readings, arguments, field):
    with pytest.raises(MeasurementError) as refused:
        subtract_leads(made(readings, {}, SIZES), **arguments)
    assert refused.value.field == field


def test_leads_and_a_number_or_an_error_of_it_are_refused():
    leads = made({"R_xx": [0.1]}, {})
    for more in ({"resistance": 1.0}, {"error": 1.0}):
        with pytest.raises(MeasurementError, match=next(iter(more))):
            subtract_leads(made({"R_xx": [1.0]}, {}), leads, **more)


def test_the_load_of_a_meter():
    """A current source on a chain contact, film, contact; the meter is a resistor between the probes."""
    film, probes, Z = 4e4, (3e5, 5e5), 1e7
    # the meter draws V/Z through both probes out of the film
    seen = film * Z / (Z + film + sum(probes))
    data = made({"R_xx": [seen], "R_xx_error": [10.0]}, {})
    out = correct_loading(data, Z, source_resistance=film + sum(probes))
    assert float(out.R_xx[0]) == pytest.approx(film, rel=1e-12)
    assert float(out.R_xx_error[0]) == pytest.approx(10.0 * film / seen)
    two = film + sum(probes)
    parallel = 1 / (1 / two + 1 / Z)
    both = correct_loading(made({"R_xx": [parallel], "R_xx_error": [10.0]}, {}), Z)
    assert float(both.R_xx[0]) == pytest.approx(two, rel=1e-12)
    slope = [1 / (1 / (parallel + s) - 1 / Z) for s in (-1, 1)]
    assert float(both.R_xx_error[0]) == pytest.approx(5 * (slope[1] - slope[0]), rel=1e-5)
    voltage = correct_loading(made({"V_xx": [-1.0]}, {}), Z, source_resistance=1e6, reading="V_xx")
    assert float(voltage.V_xx[0]) == pytest.approx(-1.1)
    assert "10 %" in history(voltage)[-1]["remark"]
    assert replay(data, history(out)).identical(out)
    for arguments, field in (({"impedance": 0.0}, "impedance"), ({"impedance": 1e4}, "R_xx")):
        with pytest.raises(MeasurementError) as refused:
            correct_loading(data, **arguments)
        assert refused.value.field == field
    with pytest.raises(MeasurementError, match="V_xx"):
        correct_loading(made({"V_xx": [1.0]}, {}), Z, reading="V_xx")
