"""Checks of the arguments of steps and analyses: those of :mod:`spinstack.text.checks`, refused by MeasurementError."""

from collections.abc import Callable
from functools import partial

from spinstack.measure.measurement import MeasurementError
from spinstack.text import checks
from spinstack.text.errors import Problems

choice = partial(checks.choice, error=MeasurementError)
number = partial(checks.number, error=MeasurementError)
positive = partial(checks.number, low=0, open_low=True, error=MeasurementError)
required = partial(checks.required, error=MeasurementError)
switch = partial(checks.switch, error=MeasurementError)
whole = partial(checks.whole, error=MeasurementError)


def together(*each: Callable[[], object]) -> None:
    """Make several checks and raise one error for all that they refuse."""
    problems = Problems()
    for check in each:
        with problems:
            check()
    problems.end()
