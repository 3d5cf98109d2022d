"""Noise drawn anew has the size and the memory of the noise it was drawn from."""

import numpy as np
import pytest
from scipy.signal import lfilter

from spinstack.measure.statistics.noise import lag_one
from spinstack.measure.statistics.resampling import block_draws, default_block, residual_draws

RHO = 0.6
RESIDUAL = lfilter([1], [1, -RHO], np.random.default_rng(0).normal(size=1200))[200:]


def memory(draw, count=200):
    drawn = np.array([draw() for _ in range(count)])
    assert drawn.shape == (count, 1000)
    return drawn.std(), np.mean([lag_one(d) for d in drawn])


@pytest.mark.parametrize("spread", [1.0, 2.0])
def test_residuals_drawn_with_their_model_and_in_blocks_remember_as_they_did(spread):
    size, lag = RESIDUAL.std(), lag_one(RESIDUAL)
    coloured = memory(residual_draws(RESIDUAL, np.array([RHO]), spread, seed=1))
    assert coloured == (pytest.approx(spread * size, rel=0.05), pytest.approx(RHO, abs=0.03))
    blocks = memory(block_draws(RESIDUAL, 40, spread, seed=1))
    assert blocks == (pytest.approx(spread * size, rel=0.05), pytest.approx(lag * (1 - 1 / 40), abs=0.03))
    plain = memory(residual_draws(RESIDUAL, np.zeros(0), spread, seed=1))
    assert plain == (pytest.approx(spread * size, rel=0.05), pytest.approx(0.0, abs=0.03))


def test_draws_are_made_again_by_their_seed_and_have_no_mean():
    for make in (
        lambda seed: residual_draws(RESIDUAL + 5, np.zeros(0), 1.0, seed),
        lambda seed: block_draws(RESIDUAL + 5, 30, 1.0, seed),
    ):
        first, again, other = make(3)(), make(3)(), make(4)()
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)
        assert abs(first.mean()) < 0.5


def test_one_block_of_all_rows_is_the_record_turned_round():
    drawn = block_draws(RESIDUAL, 1000, 1.0, seed=0)()
    shift = int(np.flatnonzero(np.isclose(drawn, RESIDUAL[0] - RESIDUAL.mean()))[0])
    assert np.roll(drawn, -shift) == pytest.approx(RESIDUAL - RESIDUAL.mean())


def test_blocks_grow_with_the_cube_root_of_the_rows():
    assert default_block(1000) == 30
    assert default_block(8) == 6
    assert default_block(1) == 1
