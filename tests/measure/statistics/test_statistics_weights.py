"""Weights of rows."""

import numpy as np
import pytest

from spinstack.measure.measurement import MeasurementError
from spinstack.measure.statistics.weights import relative, weights


def test_weights_are_inverse_errors_and_one_without():
    assert weights(np.array([0.5, 4.0]), 2, "R_xx_error").tolist() == [2.0, 0.25]
    assert weights(None, 3, "R_xx_error").tolist() == [1.0] * 3


@pytest.mark.parametrize("wrong", [0.0, -1.0])
def test_errors_that_weigh_infinitely_much_are_refused(wrong):
    with pytest.raises(MeasurementError) as caught:
        weights(np.array([1.0, wrong]), 2, "R_xx_error")
    assert (caught.value.field, caught.value.got) == ("R_xx_error", wrong)


def test_relative_errors_have_a_root_mean_square_of_one():
    found = relative(np.array([1.0, 7.0]), 2)
    assert found == pytest.approx([0.2, 1.4])
    assert np.mean(found**2) == pytest.approx(1)
    assert relative(None, 2).tolist() == [1.0, 1.0]
