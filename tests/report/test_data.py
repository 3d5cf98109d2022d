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
    result = Result("long", DataRequest("long", "read", {}), data, "measurements")
    start = time.perf_counter()
    folder.write(result)
    run = Run(None, read={"long": data})
    DataReport(run, folder, ()).add(result)
    assert time.perf_counter() - start < 10
