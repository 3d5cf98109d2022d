"""Benches of random signs, sizes, phases, leakage and offsets: the truth lies within three errors."""

import numpy as np
import pytest
from lockin_files import Resonator, rotations, some_bench, sweeps

from spinstack.measure.spin_torque import harmonic_hall_low_field, harmonic_hall_rotation, st_fmr

RMS = {"voltages": "rms", "currents": "rms"}
SEEDS = 100


def misses(found, truth):
    rows = found.sel(parameter=list(truth))
    return (rows["value"].values - np.array(list(truth.values()))) / rows["error"].values


def check(each, names):
    each = np.array(each)
    inside = dict(zip(names, np.sum(np.abs(each) < 3, axis=0), strict=True))
    assert min(inside.values()) >= 0.97 * SEEDS, inside
    spread = dict(zip(names, each.std(axis=0), strict=True))
    assert max(spread.values()) < 1.3, spread
    assert min(spread.values()) > 0.4, "errors that cover everything say nothing"
    assert np.abs(each.mean(axis=0)).max() < 0.4


@pytest.mark.study
def test_rotations():
    each = []
    for seed in range(SEEDS):
        bench = some_bench(np.random.default_rng([21, seed]))
        angle, size = rotations([0.05, 0.1, 0.2, 0.4, 0.8, 1.6], 15.0)
        data = bench.measured(angle, size, seed=[21, seed])
        found = harmonic_hall_rotation(data, anomalous_hall=bench.A, effective_magnetization=bench.Meff, **RMS)
        truth = {"damping_like": bench.damping_like, "field_like_total": bench.field_like, "thermal": bench.thermal,
                 "nernst": bench.nernst}  # fmt: skip
        each.append(misses(found, truth))
    check(each, truth)


@pytest.mark.study
def test_low_fields():
    each = []
    for seed in range(SEEDS):
        rng = np.random.default_rng([22, seed])
        bench = some_bench(rng, Bk=rng.uniform(0.2, 0.8), Meff=0.0, nernst=0.0, zero=0.0)
        bench = bench.changed(P=bench.A * rng.uniform(-0.6, 0.6))
        error = 0.02 * abs(bench.thermal)
        known = [bench.thermal + error * rng.standard_normal(), error]
        sign = "positive" if bench.A > 0 else "negative"
        data = sweeps(bench, seed)
        found = harmonic_hall_low_field(data, planar_hall=bench.P / 2, anomalous_hall_sign=sign, thermal=known, **RMS)
        truth = {"damping_like": bench.damping_like, "field_like_total": bench.field_like}
        each.append(misses(found, truth))
    check(each, truth)


@pytest.mark.study
def test_resonance():
    each, ends = [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng([23, seed])
        sign = rng.choice([-1, 1], 2)
        bench = Resonator(
            Meff=rng.uniform(0.4, 1.2), damping=rng.uniform(0.006, 0.03), inhomogeneous=rng.uniform(0, 2e-3),
            damping_like=sign[0] * rng.uniform(0.3e-3, 2e-3), field_like=sign[1] * rng.uniform(0.3e-3, 3e-3),
            noise=1e-8,
        )  # fmt: skip
        angle, field = rng.uniform(30, 60), np.linspace(0.004, 0.35, 60)
        data = [bench.measured(f, angle, field, seed=[seed, int(f / 1e9)]) for f in (4e9, 6e9, 8e9, 10e9)]
        found = st_fmr(data)
        truth = {"effective_magnetization": bench.Meff, "damping": bench.damping,
                 "ratio": bench.damping_like / bench.field_like}  # fmt: skip
        each.append(misses(found, truth))
        ends.append(found.attrs["ratio_low"] <= truth["ratio"] <= found.attrs["ratio_high"])
    check(each, truth)
    assert 0.55 * SEEDS <= sum(ends) <= 0.82 * SEEDS
