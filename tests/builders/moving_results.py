"""Random results of magnets that move, with the labels that the package gives them."""

import numpy as np
import xarray as xr

NAMES = (["Co"], ["Py", "CoFeB"])


def unit(rng, *shape):
    m = rng.normal(size=(*shape, 3))
    return m / np.linalg.norm(m, axis=-1, keepdims=True)


def series(rng, unit, scale, n=None):
    n = n or int(rng.integers(2, 60))
    return np.sort(scale * 10 ** rng.uniform(-3, 1) * rng.uniform(-1, 1, n)), {"units": unit}


def coords(magnets, **more):
    return {"magnet": magnets, "component": list("xyz"), **more}


def equilibrium(rng):
    magnets, n = NAMES[rng.integers(2)], int(rng.integers(6, 200))
    B = np.linspace(-1, 1, n) * 10 ** rng.uniform(-2, 1)
    data = {
        "m": (("point", "magnet", "component"), unit(rng, n, len(magnets))),
        "R_along": ("point", 41.2 + 10 ** rng.uniform(-6, 1) * rng.normal(size=n), {"units": "Ohm"}),
        "R_across": ("point", 10 ** rng.uniform(-6, 1) * rng.normal(size=n), {"units": "Ohm"}),
        "rests": ("point", rng.uniform(size=n) > 0.2),
        "B": (("point", "component"), B[:, None] * unit(rng), {"units": "T"}),
        "current": ("point", np.zeros(n), {"units": "A/m"}),
    }
    return xr.Dataset(data, coords(magnets))


def modes(rng):
    n, magnets = int(rng.integers(2, 60)), NAMES[rng.integers(2)]
    values = 10 ** rng.uniform(6, 11) * rng.uniform(size=(n, len(magnets)))
    data = {
        "frequency": (("point", "mode"), values, {"units": "Hz"}),
        "linewidth": (("point", "mode"), values * 0.03 - 1e6, {"units": "Hz"}),
        "stable": (("point", "mode"), rng.uniform(size=values.shape) > 0.1),
        "B": (("point", "component"), np.linspace(0, 1, n)[:, None] * unit(rng), {"units": "T"}),
        "current": ("point", np.zeros(n), {"units": "A/m"}),
    }
    return xr.Dataset(data, {"mode": np.arange(len(magnets))})


def oscillation(rng):
    magnets, (K, words) = NAMES[rng.integers(2)], series(rng, "A/m", 1e5)
    shape = (len(K), len(magnets), 3)
    data = {
        "frequency": (("current", "magnet"), 10 ** rng.uniform(8, 11) * rng.uniform(size=shape[:2]), {"units": "Hz"}),
        "amplitude": (("current", "magnet", "component"), rng.uniform(size=shape)),
        "mean_m": (("current", "magnet", "component"), rng.uniform(-1, 1, size=shape)),
    }
    return xr.Dataset(data, coords(magnets, current=("current", K, words)))


def critical_current(rng):
    B, words = series(rng, "T", 1.0)
    data = {
        "critical_current": ("field", 10 ** rng.uniform(2, 7) * rng.normal(size=len(B)), {"units": "A/m"}),
        "stable": ("field", rng.uniform(size=len(B)) > 0.3),
    }
    return xr.Dataset(data, {"field": ("field", B, words)}, {"kind": str(rng.choice(["fold", "instability"]))})


def trace(rng):
    magnets, n = NAMES[rng.integers(2)], 50
    lanes = int(rng.integers(1, 5))
    batch = ("amplitude",) if lanes > 1 else ()
    shape = (n, *([lanes] if batch else []))
    K = np.linspace(-1, 1, lanes) * 10 ** rng.uniform(2, 6)
    data = {
        "m": (("time", *batch, "magnet", "component"), unit(rng, *shape, len(magnets))),
        "current": (("time", *batch), np.broadcast_to(K if batch else K[0], shape), {"units": "A/m"}),
    }
    more = {"amplitude": ("amplitude", K, {"units": "A/m"})} if batch else {}
    t = np.linspace(0, 1, n) * 10 ** rng.uniform(-10, -6)
    return xr.Dataset(data, coords(magnets, time=("time", t, {"units": "s"}), **more))


def spectrum(rng):
    magnets, n = NAMES[rng.integers(2)], 60
    batch = ("amplitude",) * int(rng.integers(2))
    shape = (*[3] * len(batch), len(magnets), 3, n)
    density = {"units": "Ohm^2/Hz"}
    data = {
        "m": ((*batch, "magnet", "component", "frequency"), 10 ** rng.uniform(-20, -8, shape), {"units": "1/Hz"}),
        "R_along": ((*batch, "frequency"), 10 ** rng.uniform(-20, -8, (*[3] * len(batch), n)), density),
        "R_across": ((*batch, "frequency"), np.zeros((*[3] * len(batch), n)), density),
    }
    more = {"amplitude": ("amplitude", 10 ** rng.uniform(2, 6) * np.arange(3.0), {"units": "A/m"})} if batch else {}
    f = np.linspace(0, 10 ** rng.uniform(8, 11), n)
    return xr.Dataset(data, coords(magnets, frequency=("frequency", f, {"units": "Hz"}), **more))


def switching_map(rng):
    magnets = NAMES[rng.integers(2)]
    axes = ["current", "Bx", "plateau"][: rng.integers(1, 3)]
    scale = {"current": ("A/m", 1e5), "Bx": ("T", 1.0), "plateau": ("s", 1e-9)}
    found = {name: series(rng, *scale[name]) for name in axes}
    shape = [len(v) for v, _ in found.values()]
    runs = [int(rng.integers(2, 5))] * int(rng.integers(2))
    data = {
        "m": ((*axes, *["run"] * len(runs), "magnet", "component"), unit(rng, *shape, *runs, len(magnets))),
        "start": ((*axes, "magnet", "component"), unit(rng, *shape, len(magnets))),
        "switched": ((*axes, "magnet"), rng.uniform(size=(*shape, len(magnets)))),
    }
    return xr.Dataset(data, coords(magnets, **{name: (name, v, words) for name, (v, words) in found.items()}))


def harmonic_hall(rng):
    B, words = series(rng, "T", 1.0, int(rng.choice([1, 3, 5, 12, 40])))
    angles = np.linspace(0, 360, int(rng.choice([2, 13, 37])))
    shape = (len(B), len(angles), 2)
    data = {
        name: (
            ("field", "angle", "channel"),
            base + 10 ** rng.uniform(-7, 1) * rng.normal(size=shape),
            {"units": "Ohm"},
        )
        for name, base in (("first_harmonic", 40.0), ("second_harmonic", 0.0))
    }
    found = coords(["Co"], field=("field", B, words), angle=("angle", angles, {"units": "deg"}))
    return xr.Dataset(data, found | {"channel": ["along", "across"], "plane": "alpha"})


def loop_shift(rng):
    K, words = series(rng, "A/m", 1e5)
    size = 10 ** rng.uniform(-3, 1)
    data = {
        name: ("current", size * rng.normal(size=len(K)), {"units": "T"})
        for name in ("leaves_up", "leaves_down", "shift")
    }
    return xr.Dataset(data, {"current": ("current", K, words)})


def spin_torque_fmr(rng):
    B, words = series(rng, "T", 1.0, int(rng.choice([1, 20, 80])))
    f = np.linspace(1e9, 2e10, int(rng.choice([1, 3, 9])))
    angles = np.linspace(0, 360, int(rng.choice([1, 2, 13])))
    shape = (len(f), len(B), len(angles), 2)
    data = {
        name: (("frequency", "field", "angle", "channel"), 10 ** rng.uniform(-8, 1) * rng.normal(size=shape),
               {"units": "V/m"})
        for name in ("rectified", "pumped")
    }  # fmt: skip
    found = {"frequency": ("frequency", f, {"units": "Hz"}), "field": ("field", B, words)}
    found |= {"angle": ("angle", angles, {"units": "deg"}), "channel": ["along", "across"]}
    return xr.Dataset(data, found)


RESULTS = (
    equilibrium, modes, oscillation, critical_current, trace, spectrum, switching_map, harmonic_hall, loop_shift,
    spin_torque_fmr,
)  # fmt: skip
