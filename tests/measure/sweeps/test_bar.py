"""Bars at one setting and of several lengths: synthetic truth, and what errors cover."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.measurement import measurement as made
from spinstack.measure.sweeps import hall_bar, interval, transfer_length
from spinstack.study import analyze

UM = 1e-6


def value(found, name, what="value"):
    return float(found[what].sel(parameter=name))


def test_a_bar_at_one_setting():
    rng = np.random.default_rng(0)
    data = made(
        {"R_xx": 300 + rng.standard_normal(40), "R_xy": -5 + 0.1 * rng.standard_normal(40)},
        {"temperature": 4.0},
        {"bar_length": 60 * UM, "bar_width": 20 * UM, "film_thickness": 5e-9},
    )
    found = hall_bar(data)
    assert value(found, "sheet_resistance") == pytest.approx(float(data.R_xx.mean()) / 3)
    assert value(found, "sheet_resistance", "error") == pytest.approx(float(data.R_xx.std(ddof=1)) / 3 / np.sqrt(40))
    assert value(found, "sheet_resistance", "freedom") == pytest.approx(39)
    for what in ("value", "error"):
        assert value(found, "resistivity", what) == pytest.approx(5e-9 * value(found, "sheet_resistance", what))
    assert value(found, "hall_resistance") == pytest.approx(float(data.R_xy.mean()))
    assert value(found, "tangent") == pytest.approx(float(data.R_xy.mean() / data.R_xx.mean()) * 3)
    parts = [value(found, n, "error") / value(found, n) for n in ("sheet_resistance", "hall_resistance")]
    assert value(found, "tangent", "error") == pytest.approx(abs(value(found, "tangent")) * np.hypot(*parts))
    assert found.attrs["temperature"] == 4.0
    # the error of a size is sure: the more of the error it makes, the more degrees of freedom
    sized = hall_bar(data, length_error=0.03 * UM)
    share = (value(found, "sheet_resistance", "error") / value(sized, "sheet_resistance", "error")) ** 2
    assert 0.2 < share < 0.8
    assert value(sized, "sheet_resistance", "freedom") == pytest.approx(39 / share**2)
    alone = hall_bar(data.isel(point=[0])[["R_xx"]])
    assert np.isnan(value(alone, "sheet_resistance", "error"))
    assert "no error" in alone.attrs["warnings"]
    assert "hall_resistance" not in alone["parameter"]


def bars(lengths, sheet=80.0, contact=2e-3, widths=10 * UM, rows=1, noise=0.0, seed=0, **attributes):
    """Two-terminal measurements of bars between contacts of resistance `contact` for unit width."""
    rng, out = np.random.default_rng(seed), []
    for L, w in zip(lengths, np.broadcast_to(widths, np.shape(lengths)), strict=True):
        R = (2 * contact + sheet * L) / w + noise * rng.standard_normal(rows)
        out.append(made({"R_xx": R}, {"temperature": 300.0}, {"bar_length": L, "bar_width": w, **attributes}))
    return out


LENGTHS = np.array([5, 10, 20, 40, 80]) * UM


def test_lengths_and_widths_of_any_kind_give_film_and_contacts():
    found = transfer_length(bars(LENGTHS, widths=np.array([10, 5, 20, 10, 40]) * UM, film_thickness=4e-9))
    assert value(found, "sheet_resistance") == pytest.approx(80.0, rel=1e-9)
    assert value(found, "contact_resistance") == pytest.approx(2e-3, rel=1e-9)
    assert value(found, "transfer_length") == pytest.approx(25 * UM, rel=1e-9)
    assert value(found, "contact_resistivity") == pytest.approx(80 * (25 * UM) ** 2, rel=1e-9)
    assert value(found, "resistivity") == pytest.approx(320e-9, rel=1e-9)
    assert "contact_length" in found.attrs["warnings"]
    assert "bar_length" not in found.attrs  # that of one of them
    assert found.attrs["temperature"] == 300.0
    np.testing.assert_allclose(found["length"], LENGTHS)
    np.testing.assert_allclose(found["measured"], 4e-3 + 80 * LENGTHS)


@pytest.mark.parametrize("reach", [0.05, 0.5, 1.0, 3.0])
def test_current_crowds_at_the_edge_of_a_contact(reach):
    """The contact as a ladder of resistors: film R_s dx/w, and contact dx w/rho_c to the metal, without the formula."""
    sheet, transfer, width, d = 80.0, 4 * UM, 10 * UM, reach * 4 * UM
    resistivity, steps = sheet * transfer**2, 4000
    dx = d / steps
    across, along = resistivity / (dx * width), sheet * dx / width
    R = across
    for _ in range(steps - 1):
        R = 1 / (1 / (R + along) + 1 / across)
    contact = (R + along / 2) * width
    found = transfer_length(bars(LENGTHS, contact=contact), contact_length=d)
    assert value(found, "transfer_length") == pytest.approx(transfer, rel=2e-3)
    assert value(found, "contact_resistivity") == pytest.approx(resistivity, rel=4e-3)
    assert "warnings" not in found.attrs
    # counted as long, the transfer length comes out as much too long as the contacts are too short
    long = value(transfer_length(bars(LENGTHS, contact=contact)), "transfer_length")
    assert long / transfer == pytest.approx(1 / np.tanh(reach), rel=2e-3)


def test_errors_are_those_of_the_line_and_of_what_all_share():
    rng, w = np.random.default_rng(3), 10 * UM
    data = bars(LENGTHS)
    for one in data:
        one["R_xx"] = one["R_xx"] + 3 * rng.standard_normal()
    y = np.array([float(one["R_xx"][0]) for one in data]) * w
    slope, two = np.polyfit(LENGTHS, y, 1)
    scatter = np.sum((y - two - slope * LENGTHS) ** 2) / 3
    spread = LENGTHS - LENGTHS.mean()
    of_slope = np.sqrt(scatter / np.sum(spread**2))
    of_two = np.sqrt(scatter * (1 / 5 + LENGTHS.mean() ** 2 / np.sum(spread**2)))
    between = -LENGTHS.mean() * of_slope**2 / 2
    found = transfer_length(data, contact_length=30 * UM)
    assert value(found, "sheet_resistance", "error") == pytest.approx(of_slope)
    assert value(found, "contact_resistance", "error") == pytest.approx(of_two / 2)
    assert value(found, "sheet_resistance", "freedom") == pytest.approx(3)
    covariance = np.array([[of_slope**2, between], [between, of_two**2 / 4]])
    np.testing.assert_allclose(found["covariance"][:2, :2], covariance, rtol=1e-9)

    def numbers(sheet, contact):
        again = transfer_length(bars(LENGTHS, sheet, contact), contact_length=30 * UM)
        return np.array([value(again, n) for n in ("transfer_length", "contact_resistivity")])

    at = np.array([slope, two / 2])
    steps = 1e-4 * at
    J = np.stack([(numbers(*(at + s)) - numbers(*(at - s))) / (2 * s.sum()) for s in np.diag(steps)], axis=1)
    expected = np.sqrt(np.diag(J @ covariance @ J.T))
    errors = [value(found, n, "error") for n in ("transfer_length", "contact_resistivity")]
    np.testing.assert_allclose(errors, expected, rtol=1e-5)
    # gaps that are all too long, and leads of all bars, move the contacts alone
    shared = transfer_length([one.assign_attrs(series_error=8.0) for one in data], length_error=2 * UM)
    assert value(shared, "sheet_resistance", "error") == pytest.approx(of_slope)
    more = np.sqrt(of_two**2 / 4 + (slope * 2 * UM / 2) ** 2 + (8.0 * w / 2) ** 2)
    assert value(shared, "contact_resistance", "error") == pytest.approx(more)
    assert value(shared, "contact_resistance", "freedom") == pytest.approx(3 * (2 * more / of_two) ** 4)


def test_contacts_that_cannot_be_told_have_no_transfer_length():
    found = transfer_length(bars(LENGTHS, contact=-1e-5))
    assert "not above zero" in found.attrs["warnings"]
    assert "transfer_length" not in found["parameter"]
    assert value(found, "contact_resistance") == pytest.approx(-1e-5)


@pytest.mark.study
@pytest.mark.parametrize("count", [100, 1500])
def test_errors_cover_the_truth(count):
    """Gaps off by 0.2 um, each contact by 5 %, noise of readings: all make the scatter that the errors are made of."""
    rng, names = np.random.default_rng(5), ("sheet_resistance", "contact_resistance", "transfer_length")
    truth, inside = {"sheet_resistance": 80.0, "contact_resistance": 8e-4, "transfer_length": 10 * UM}, np.zeros((2, 3))
    for _ in range(count):
        L = LENGTHS * rng.uniform(0.8, 1.2)
        data = bars(L + 0.2 * UM * rng.standard_normal(5), rows=4, noise=1.0, seed=int(rng.integers(1 << 30)))
        for one, nominal in zip(data, L, strict=True):
            contacts = 8e-4 * (2 + 0.05 * rng.standard_normal(2).sum()) - 4e-3
            one["R_xx"] = one["R_xx"] + contacts / (10 * UM)
            one.attrs["bar_length"] = nominal
        found = transfer_length(data)
        for i, level in enumerate((0.6827, 0.95)):
            for j, name in enumerate(names):
                low, high = interval(found, name, level)
                inside[i, j] += low < truth[name] < high
    allowed = 4 / np.sqrt(count)
    assert np.all(np.abs(inside[0] / count - 0.6827) < 0.02 + 0.47 * allowed)
    assert np.all(np.abs(inside[1] / count - 0.95) < 0.015 + 0.22 * allowed)


def test_what_cannot_be_is_refused():
    data = bars(LENGTHS)
    for refused, field in (
        (lambda: transfer_length(data[:2]), "bar_length"),
        (lambda: transfer_length([data[0], data[0], data[1]]), "bar_length"),
        (lambda: transfer_length([*data[:3], made({"R_xx": [1.0]}, {"temperature": 300.0})]), "bar_length"),
        (lambda: transfer_length([*data[:4], data[4].assign_coords(temperature=("point", [10.0]))]), "temperature"),
        (lambda: transfer_length(data, contact_length=0.0), "contact_length"),
        (lambda: transfer_length(data, length_error=-1.0), "length_error"),
        (lambda: transfer_length(data, "R_yy"), "R_yy"),
        (lambda: transfer_length([1, 2, 3]), "data"),
        (lambda: hall_bar(made({"R_xx": [1.0]}, {})), "bar_length"),
        (lambda: hall_bar(data[0], width_error=-1.0), "width_error"),
    ):
        with pytest.raises(MeasurementError) as error:
            refused()
        assert error.value.errors[0].field == field
    rows = np.repeat([4.0, 100.0], 10)
    with pytest.raises(MeasurementError, match="split"):
        hall_bar(made({"R_xx": rows}, {"temperature": rows}, {"bar_length": 1 * UM, "bar_width": 1 * UM}))


FILE = """
spinstack = 1
[common]
bar_width = "10 um"
film_thickness = "4 nm"
{files}
[[step]]
do = "split"
[[step]]
do = "subtract_leads"
resistance = "2 Ohm"
error = "100 mOhm"
[[analysis]]
do = "transfer_length"
contact_length = "0.1 mm"
length_error = "100 nm"
[[analysis]]
do = "amplitude_table"
of = "transfer_length"
against = "temperature"
[[analysis]]
do = "hall_bar"
files = "bar_40_*"
"""


def test_an_analysis_file_gives_contacts_against_temperature(tmp_path):
    rng, files = np.random.default_rng(8), []
    for L in (5, 10, 20, 40):
        lines = ["Temperature (K),R_xx (kOhm)"]
        for T, sheet in ((10.0, 50.0), (100.0, 90.0)):
            for _ in range(5):
                R = 2.0 + (2 * 1e-3 + sheet * L * UM) / (10 * UM) + 0.01 * rng.standard_normal()
                lines.append(f"{T + 0.01 * rng.standard_normal():.3f},{R / 1e3:.8f}")
        (tmp_path / f"bar_{L}.csv").write_text("\n".join(lines) + "\n")
        files.append(f'[[file]]\npath = "bar_{L}.csv"\nbar_length = "{L} um"')
    (tmp_path / "bars.toml").write_text(FILE.format(files="\n".join(files)))
    run = analyze(tmp_path / "bars.toml")
    assert not run.failures
    table = run.of_kind("results")["amplitude_table"]
    np.testing.assert_allclose(table["temperature"], [10.0, 100.0], atol=0.02)
    np.testing.assert_allclose(table["sheet_resistance"], [50.0, 90.0], rtol=1e-3)
    np.testing.assert_allclose(table["contact_resistance"], 1e-3, rtol=2e-3)
    np.testing.assert_allclose(table["transfer_length"], [20 * UM, 1e-3 / 90.0], rtol=5e-3)
    np.testing.assert_allclose(table["resistivity"], [200e-9, 360e-9], rtol=1e-3)
    shared = np.hypot(np.array([50.0, 90.0]) * 1e-7 / 2, 0.1 * 10 * UM / 2)
    assert np.all(table["contact_resistance_error"] >= shared)
    np.testing.assert_allclose(table["contact_resistance_error"], shared, rtol=0.3)
    one = run.of_kind("results")["hall_bar_bar_40_10K"]
    assert float(one["value"].sel(parameter="sheet_resistance")) == pytest.approx(
        (2e-3 + 50 * 40 * UM) / (40 * UM), rel=1e-3
    )
