"""The report of a long measurement."""

import numpy as np

from spinstack.measure.measurement import measurement


def test_long_measurement_is_written_in_seconds(tmp_path):
    import time

    from spinstack.report.data import DataReport
    from spinstack.study.data import DataRequest
    from spinstack.study.folder import Folder
    from spinstack.study.run import Result, Run

    rows = 200_000
    data = measurement({"R_xx": np.arange(rows) / 7}, {"field": np.linspace(-1, 1, rows)})
    folder = Folder(tmp_path / "out")
    result = Result("long", DataRequest("long", "read", {}), data, "measurements", ("long",))
    start = time.perf_counter()
    folder.write(result)
    run = Run(None, read={"long": data})
    DataReport(run, folder, ()).add(result)
    assert time.perf_counter() - start < 10


def test_a_table_of_fits_may_be_drawn_as_scans_in_one_polar_plot(tmp_path, monkeypatch):
    from spinstack import figures
    from spinstack.measure.angles import amplitude_table, fit_harmonics
    from spinstack.report.data import DataReport
    from spinstack.study.data import DataRequest
    from spinstack.study.folder import Folder
    from spinstack.study.run import Result, Run

    angle = np.linspace(0, 360, 37)
    R = 100 + 1e-3 * np.cos(2 * np.deg2rad(angle)) + 1e-5 * np.sin(7 * angle)
    at = {f"T{T:g}": {"angle": angle, "temperature": T} for T in (2.0, 50.0)}
    scans = {name: measurement({"R_xx": R}, conditions, {"plane": "beta"}) for name, conditions in at.items()}
    run = Run(None, read=scans)
    fit = DataRequest("fits", "fit_harmonics", {})
    fits = {name: fit_harmonics(one) for name, one in scans.items()}
    run.results += [Result(name, DataRequest(name, "read", {}), one, "measurements") for name, one in scans.items()]
    run.results += [Result(f"fits_{name}", fit, one, "results", (name,)) for name, one in fits.items()]
    table = amplitude_table(fits.values(), against="temperature")
    request = DataRequest("table", "amplitude_table", {}, of="fits", figure="measured_polar")
    drawn, polar = [], figures.measured_polar
    monkeypatch.setattr(figures, "measured_polar", lambda *data: drawn.append(data) or polar(*data))
    DataReport(run, Folder(tmp_path / "out"), ("png",)).add(Result("table", request, table, "results", tuple(scans)))
    ((measured, found),) = drawn
    assert list(measured) == list(found) == ["T2", "T50"]
    assert run.failures == []
    assert (tmp_path / "out" / "figures" / "table.png").stat().st_size > 5000
