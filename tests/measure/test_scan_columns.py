"""Columns of the linear model of a scan."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.scan_columns import check_orders, drift_columns, harmonic_columns, scaled


def test_harmonics_are_orthogonal_over_a_turn_and_drift_over_the_scan():
    angle = np.arange(0, 360, 10.0)
    columns = harmonic_columns(angle, (1, 4))
    assert columns.T @ columns == pytest.approx(18 * np.eye(4), abs=1e-12)
    assert columns[3] == pytest.approx([np.cos(np.pi / 6), 0.5, np.cos(4 * np.pi / 6), np.sin(4 * np.pi / 6)])
    assert harmonic_columns(angle, ()).shape == (36, 0)
    time = scaled(np.linspace(100, 900, 4001))
    assert (time[0], time[-1]) == (-1, 1)
    overlap = drift_columns(time, 3).T @ drift_columns(time, 3) * 2 / 4000
    assert overlap == pytest.approx(np.diag([2 / 3, 2 / 5, 2 / 7]), abs=2e-3)
    assert scaled(np.full(3, 7.0)).tolist() == [0, 0, 0]


def test_orders_are_different_whole_numbers():
    assert check_orders([4, np.int64(1), 2]) == (1, 2, 4)
    for wrong in ("2", 2, [0], [1.5], [True], [2, 2]):
        with pytest.raises(MeasurementError) as caught:
            check_orders(wrong, "harmonics")
        assert caught.value.field == "harmonics"
