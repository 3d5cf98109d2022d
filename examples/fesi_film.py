"""From raw files to numbers: magnetoresistance of a Fe-Si film (3 nm) in three planes, and two AMR scans.

Run ``python examples/fesi_film.py [OUTPUT_FOLDER]``. The files are those of tests/data, with their licences.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from spinstack.figures import save
from spinstack.measure import angles, cleaning
from spinstack.measure.readers import read

DATA = Path(__file__).parents[1] / "tests" / "data"
#: plane -> file, column of the longitudinal voltage, angle at the start
FILES = {"alpha": ("xy", "V_xy [mV]", 0.0), "beta": ("yz", "V_xy [mV]", 90.0), "gamma": ("xz", "V_xx [mV]", 90.0)}
COLOURS = {"alpha": "#0072B2", "beta": "#D55E00", "gamma": "#009E73"}
TITLES = {"alpha": "α (x to y)", "beta": "β (y to z)", "gamma": "γ (x to z)"}
PPM = 1e6


def load(plane: str, turns_evenly: bool = True) -> xr.Dataset:
    """One scan: read, spikes removed, as a resistance, with the angle from the time.

    The rig turns by 0.6 degrees in a second; `turns_evenly=False` takes the run for exactly one turn instead.
    """
    stem, column, zero = FILES[plane]
    description = {
        "columns": {"time": {"column": "Time [s]"}, "V_xx": {"column": column}},
        "from_header": {"current": {"key": "I [mA]"}, "field": {"key": "H [kOe]"}},
        "attributes": {"film_thickness": "3 nm", "bar_width": "0.2 mm", "bar_length": "0.7 mm", "sample": "E2488"},
    }
    raw = read(DATA / "fesi-admr" / f"300818E2488-{stem}", description, plane=plane)
    data = cleaning.to_resistance(cleaning.remove_spikes(raw, "V_xx"))
    if turns_evenly:
        last = float(data["time"][-1])
        return cleaning.set_angle(data, turns=0.6 * last / 360, zero=zero, start=0.0, stop=last)
    return cleaning.set_angle(data, zero=zero)


def load_amr(number: int) -> xr.Dataset:
    """One of the lock-in scans; the current is not known, so that the reading stays a voltage."""
    description = {
        "columns": {
            "angle": {"column": "angle", "unit": "deg"},
            "field": {"column": "field", "unit": "Oe"},
            "V_X": {"column": "X", "unit": "V"},
            "V_Y": {"column": "Y", "unit": "V"},
        }
    }
    raw = read(DATA / "piec-amr" / f"{number}_amr_5V_17Hz.csv", description, plane="alpha")
    return cleaning.rotate_phase(raw, sign="positive")


def numbers(found: xr.Dataset, words: str, names: tuple[str, ...]) -> dict[str, float]:
    """Values and standard errors of a result, ratios in ppm."""
    out = {}
    for name in names:
        at = found.sel(parameter=name)
        unit = str(at["unit"].values)
        factor, label = (PPM, "ppm") if unit == "1" and not name.endswith("rate") else (1.0, unit)
        out[f"{words}: {name} ({label})"] = factor * float(at["value"])
        out[f"{words}: {name} error ({label})"] = factor * float(at["error"])
    return out


def binned(angle: np.ndarray, values: np.ndarray, width: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Means over ranges of the angle [deg]."""
    place = np.floor(np.mod(angle, 360) / width).astype(int)
    count = np.bincount(place, minlength=int(360 / width))
    return (np.arange(len(count)) + 0.5) * width, np.bincount(place, values, len(count)) / np.maximum(count, 1)


def figure_planes(follows: xr.Dataset, lags: xr.Dataset) -> Figure:
    """The three scans with both fits, and what these leave over."""
    figure = Figure(figsize=(11.5, 5.8), layout="constrained")
    panels = figure.subplots(2, 3, sharex=True, height_ratios=(2.2, 1))
    for i, plane in enumerate(FILES):
        for found, style, words in ((follows, "--", "m along the field"), (lags, "-", "macrospin")):
            one = found.isel(point=np.flatnonzero(found["plane"].values == plane))
            R = float(found["value"].sel(parameter=f"{plane}.R"))
            turned = np.mod(one["turned"].values, 360)
            order = np.argsort(turned)
            if found is lags:
                panels[0, i].plot(turned, (one["measured"] - one["drift"]) / R * 1e4 - 1e4, ".", color="0.75", ms=1.5)
            line = (one["fitted"] - one["drift"]).values / R * 1e4 - 1e4
            panels[0, i].plot(turned[order], line[order], style, color=COLOURS[plane], label=words)
            at, rest = binned(turned, one["residual"].values / R * PPM)
            panels[1, i].plot(at, rest, style, color=COLOURS[plane], linewidth=1.2)
        panels[0, i].set_title(TITLES[plane])
        panels[1, i].set(xlabel="angle (°)", xlim=(0, 360), xticks=range(0, 361, 90))
        panels[0, i].legend(frameon=False, fontsize="small")
    panels[0, 0].set_ylabel(r"$(R-R_0)/R_0$ (10$^{-4}$)")
    panels[1, 0].set_ylabel("residual (ppm)\nmeans over 3°")
    return figure


def second_harmonics(fits: dict[str, xr.Dataset]) -> dict[str, tuple[float, float]]:
    """alpha, beta, gamma and their discrepancy as twice the second harmonic, with errors (ppm)."""
    out = {}
    for plane, found in fits.items():
        c, phase = (float(found["value"].sel(parameter=n)) for n in ("c2", "phase2"))
        sign = -np.sign(np.cos(np.deg2rad(2 * phase)))  # a maximum at the first axis: R falls towards the second
        out[plane] = (2 * PPM * sign * c, 2 * PPM * float(found["error"].sel(parameter="c2")))
    off = out["gamma"][0] - out["alpha"][0] - out["beta"][0]
    return out | {
        "discrepancy": (off, float(np.hypot(np.hypot(*(out[p][1] for p in ("alpha", "beta"))), out["gamma"][1])))
    }


def figure_sum(cases: dict[str, tuple[float, float]]) -> Figure:
    """gamma against alpha + beta + alpha beta for each way to evaluate (ppm)."""
    figure = Figure(figsize=(7.6, 2.7), layout="constrained")
    axes = figure.subplots()
    for i, (off, error) in enumerate(cases.values()):
        axes.errorbar(off, -i, xerr=error, fmt="o", color="#0072B2", capsize=4)
        axes.text(103, -i, f"{off:+.1f} ± {error:.1f}", va="center", ha="right")
    axes.axvline(0, color="0.4", linewidth=0.8)
    axes.set(xlabel="γ − (α + β + αβ)  (ppm)", xlim=(-14, 106), ylim=(-len(cases) + 0.4, 0.6))
    axes.set_yticks([-i for i in range(len(cases))], list(cases))
    axes.set_xticks(range(0, 81, 20))
    return figure


def figure_amr(scans: dict[int, xr.Dataset], fits: dict[int, xr.Dataset]) -> Figure:
    """The lock-in scans with their fits, the clean one also as a polar plot."""
    figure = Figure(figsize=(11.5, 3.8), layout="constrained")
    for i, number in enumerate(scans):
        axes = figure.add_subplot(1, 3, i + 1)
        found = fits[number]
        line = angles.curve(found)
        axes.fill_between(line["angle"], 100 * line["ratio_low"], 100 * line["ratio_high"], color="0.85")
        axes.plot(line["angle"], 100 * line["ratio"], color="#0072B2")
        axes.plot(found["angle"], 100 * found["ratio"], "o", color="#D55E00", ms=3.5)
        axes.set(xlabel="angle (°)", ylabel="ratio to the mean (%)", xlim=(0, 360), xticks=range(0, 361, 90))
        axes.set_title(f"scan {number}, with the 95 % interval of the curve", fontsize="medium")
    axes = figure.add_subplot(1, 3, 3, projection="polar")
    shown = angles.polar(fits[7])
    axes.plot(shown["theta"], 100 * shown["radius"], color="#0072B2")
    axes.plot(shown["point_theta"], 100 * shown["point_radius"], "o", color="#D55E00", ms=3.5)
    axes.set(xticks=np.radians([0, 90, 180, 270]), yticks=[0.2, 0.4, 0.6, 0.8], yticklabels=[])
    axes.set_title("scan 7 above its lowest, rings every 0.2 %", fontsize="medium")
    return figure


def main(folder: str = ".") -> dict[str, float]:
    """Write the figures and return the numbers."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    film = {plane: load(plane) for plane in FILES}
    once = {plane: load(plane, turns_evenly=False) for plane in FILES}
    harmonics = {p: angles.fit_harmonics(d, orders=range(1, 9), drift_degree=1) for p, d in film.items()}
    follows = angles.fit_planes(film, drift_degree=1)
    lags = angles.fit_planes(film, drift_degree=1, mu0_Meff="fit")
    bent = angles.fit_planes(film, drift_degree=2, mu0_Meff="fit")
    result: dict[str, float] = {}
    for plane, found in harmonics.items():
        result |= numbers(found, f"harmonics {plane}", ("c1", "c2", "c4", "drift1"))
    cases = {"second harmonics": second_harmonics(harmonics)}
    for name, (value, error) in cases["second harmonics"].items():
        result |= {f"second harmonics: {name} (ppm)": value, f"second harmonics: {name} error (ppm)": error}
    names = ("alpha", "beta", "gamma", "discrepancy")
    for words, found in {"m along B": follows, "macrospin": lags, "macrospin, drift of degree 2": bent}.items():
        result |= numbers(found, words, names)
        test = angles.consistency(found)
        result[f"{words}: p"] = test["p"]
        cases[words] = {"discrepancy": (PPM * test["discrepancy"], PPM * test["error"])}
    odd = ("alpha.odd_x", "alpha.odd_y", "beta.odd_y", "beta.odd_z", "gamma.odd_x", "gamma.odd_z")
    odd += ("alpha.zero", "beta.zero", "gamma.zero", "mu0_Meff", "alpha.R", "beta.R", "gamma.R", "beta.drift1")
    result |= numbers(lags, "macrospin", odd)
    turned = angles.fit_planes(once, drift_degree=1, mu0_Meff="fit", fit_rate=True)
    for plane, data in once.items():
        seconds = float(data["time"][-1] - data["time"][0])
        rate = turned.sel(parameter=f"{plane}.rate")
        result[f"turn rate {plane} (deg/s)"] = float(rate["value"]) * 360 / seconds
        result[f"turn rate {plane} error (deg/s)"] = float(rate["error"]) * 360 / seconds
    result |= numbers(bent, "macrospin, drift of degree 2", ("mu0_Meff",))
    scans = {number: load_amr(number) for number in (6, 7)}
    fits = {n: angles.fit_harmonics(d, "V_X", orders=(1, 2), drift_degree=0) for n, d in scans.items()}
    for number, found in fits.items():
        result |= numbers(found, f"AMR scan {number}", ("c1", "c2"))
    for degree in (1, 2, 3):
        found = angles.fit_harmonics(scans[7], "V_X", orders=(1, 2), drift_degree=degree)
        result |= numbers(found, f"AMR scan 7, drift of degree {degree}", ("c2",))
    save(figure_planes(follows, lags), target / "fesi_planes")
    save(figure_sum({words: case["discrepancy"] for words, case in cases.items()}), target / "fesi_sum")
    save(figure_amr(scans, fits), target / "fesi_amr")
    return result


if __name__ == "__main__":
    for name, value in main(*sys.argv[1:2]).items():
        print(f"{name:60} {value:.5g}")
