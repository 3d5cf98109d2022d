"""Rows that an analysis can use."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError, measurement
from spinstack.measure.rows import check_errors, error_names, finite_columns, finite_rows

NAN = np.nan
DATA = measurement(
    {"R_xx": [1.0, 2.0, NAN, 4.0, 5.0], "R_xx_error": [0.1, NAN, 0.3, 0.4, 0.5], "R_xy": [1.0] * 5},
    {"field": [-2.0, -1.0, 0.0, NAN, 2.0], "time": np.arange(5.0)},
)


def test_rows_have_numbers_in_every_column_and_in_the_errors():
    (B, time, y), errors, rows = finite_rows(DATA, "field", "time", reading="R_xx")
    assert rows.tolist() == [0, 4]
    assert (B.tolist(), time.tolist(), y.tolist()) == ([-2, 2], [0, 4], [1, 5])
    assert errors.tolist() == [0.1, 0.5]
    (B, y), errors, rows = finite_rows(DATA, "field", reading="R_xy")
    assert errors is None
    assert rows.tolist() == [0, 1, 2, 4]
    assert error_names(DATA, "R_xx", "R_xy") == ["R_xx_error"]


def test_columns_and_errors_that_cannot_be_used_are_named():
    with pytest.raises(MeasurementError, match="R_yx: the measurement has no such column"):
        finite_rows(DATA, "field", reading="R_yx")
    with pytest.raises(MeasurementError, match="field, R_xx: no row has numbers"):
        finite_columns(DATA.isel(point=[2, 3]), "field", "R_xx")
    with pytest.raises(MeasurementError) as caught:
        check_errors(np.array([0.1, -0.2]), "R_xx_error")
    assert (caught.value.field, caught.value.got) == ("R_xx_error", -0.2)
    # an error of zero matters only where the reading is a number
    zero = DATA.assign(R_xx_error=("point", [0.1, 0.2, 0.0, 0.4, 0.5]))
    assert finite_rows(zero, "field", reading="R_xx").rows.tolist() == [0, 1, 4]
    with pytest.raises(MeasurementError, match=r"data: got \{\}"):
        finite_rows({}, "field", reading="R_xx")
