"""Panels that share an axis: colours of a family of curves."""

import numpy as np

from spinstack.figures.panels import HEAT, Family


def test_a_few_temperatures_are_coloured_by_rank_so_that_close_ones_differ():
    colours = [s["color"] for s in Family(np.array([2.0, 4.0, 300.0]), "temperature", "K").styles()]
    assert colours == [HEAT(0.0), HEAT(0.5), HEAT(1.0)]
