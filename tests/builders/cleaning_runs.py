"""Generated measurements for the tests of corrections."""

import numpy as np

from spinstack.measure.measurement import measurement

SIZES = {"bar_length": 7e-4, "bar_width": 2e-4, "film_thickness": 8e-9, "source": "run.dat"}


def scan(rows=145, turns=1.0, seed=1, noise=1e-3):
    """An angle scan with drift, Hall admixture and errors."""
    rng = np.random.default_rng(seed)
    time = np.linspace(0, 600, rows)
    angle = 360 * turns * time / 600
    turn = np.deg2rad(angle)
    readings = {
        "R_xx": 100 + 0.1 * np.cos(2 * turn) + 0.05 * time / 600 + noise * rng.normal(size=rows),
        "R_xy": 0.5 * np.sin(turn) + noise * rng.normal(size=rows),
        "R_xx_error": np.full(rows, noise),
        "R_xy_error": np.full(rows, noise),
    }
    return measurement(readings, {"time": time, "angle": angle, "field": 2.0, "current": 1e-4}, SIZES)


def sweep(rows=101, seed=2, noise=1e-3):
    """A hysteresis loop, falling and rising, with points of its own on either branch."""
    rng = np.random.default_rng(seed)
    field = np.concatenate([np.linspace(2, -2, rows), np.linspace(-2, 2, rows + 7)[1:]])
    coercive = np.where(np.arange(field.size) < rows, -0.3, 0.3)
    xy = 0.4 * np.tanh((field - coercive) / 0.2) + 0.1 * field
    xx = 50 + 0.3 * np.exp(-(((field - coercive) / 0.3) ** 2))
    rough = noise * rng.normal(size=(3, field.size))
    readings = {"R_xx": xx + rough[0], "R_xy": xy + rough[1], "moment": 1e-8 * (xy - 0.3 * field + rough[2])}
    return measurement(readings, {"time": np.arange(field.size), "field": field, "temperature": 300.0}, SIZES)


def voltages(sign=1.0):
    data = scan()
    volts = {f"V_{n}": sign * 1e-4 * data[f"R_{n}"].values + 2e-6 for n in ("xx", "xy")}
    lock_in = {"V_X": 1e-3 * np.cos(np.deg2rad(data.angle.values)), "V_Y": 2e-4 * np.cos(np.deg2rad(data.angle.values))}
    conditions = {"time": data.time.values, "angle": data.angle.values, "current": sign * 1e-4}
    return measurement({**volts, **lock_in}, conditions, SIZES)


OTHER = voltages(-1.0).assign_attrs(source="reversed.dat")
BARE = scan().drop_vars(["R_xx_error", "R_xy_error"])
CONTROL = sweep(seed=5).map(lambda v: v).assign_attrs({**SIZES, "source": "control.dat"})
CONTROL["R_xx"] = 3 * CONTROL["R_xx"]
OTHERS = {"reversed.dat": OTHER, "control.dat": CONTROL}


def in_turns(seed=3, rows=201, noise=1e-3, stepped=False):
    """R_xx and R_xy of a Hall sweep in turns; `stepped`: both at each field."""
    rng = np.random.default_rng(seed)
    field = np.linspace(2, -2, rows)
    field = np.repeat(field[::2], 2)[:rows] if stepped else field
    xx, xy = 50 + 0.3 * field**2, 0.4 * np.tanh(field / 0.7) + 0.1 * field
    own = np.arange(rows) % 2 == 0
    readings = {
        "R_xx": np.where(own, xx + noise * rng.normal(size=rows), np.nan),
        "R_xy": np.where(own, np.nan, xy + noise * rng.normal(size=rows)),
        "R_xx_error": np.where(own, noise, np.nan),
        "R_xy_error": np.where(own, np.nan, noise),
    }
    return measurement(readings, {"time": 5.0 * np.arange(rows), "field": field, "temperature": 10.0}, SIZES)
