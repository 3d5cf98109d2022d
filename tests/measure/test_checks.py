"""Checks that are made together."""

import pytest

from spinstack.measure.checks import choice, number, positive, together, whole
from spinstack.measure.measurement import MeasurementError


def test_checks_made_together_tell_all_that_they_refuse():
    with pytest.raises(MeasurementError) as caught:
        together(
            lambda: whole(2.5, "count"),
            lambda: number(3, "level", high=5),
            lambda: choice("pink", "noise", ("white", "auto")),
            lambda: positive(0.0, "width", unit="T"),
        )
    assert [error.field for error in caught.value.errors] == ["count", "noise", "width"]
    assert all(isinstance(error, MeasurementError) for error in caught.value.errors)
    assert str(caught.value).count("\n") == 2
    together(lambda: whole(2, "count"), lambda: None)


def test_mistakes_of_the_program_are_not_kept():
    with pytest.raises(ZeroDivisionError):
        together(lambda: 1 / 0, lambda: whole(2.5, "count"))
