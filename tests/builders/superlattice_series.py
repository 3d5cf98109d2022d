"""Raw files of a series of CaRuO3/LaNiO3 superlattices, made from numbers that an analysis has to find again.

Resistivities at 300 K, the coercive field, Hall resistivity and magnetoresistance of C10/L6, the Curie temperature and
the symmetries of the angle scans are those that Zheng et al., ACS Nano (2024), doi:10.1021/acsnano.4c01910 state in
their text; what they only draw is chosen. `python tests/builders/superlattice_series.py` writes the files to
tests/data/superlattice-series.
"""

from pathlib import Path

import numpy as np
from instrument_files import quantum_design
from scipy.optimize import minimize_scalar

FOLDER = Path(__file__).parents[1] / "data" / "superlattice-series"
#: heights of one cell of CaRuO3 and LaNiO3 [m], numbers of cells, repeats
CELLS, REPEATS = (3.85e-10, 3.84e-10), 10
SAMPLES = {"C10L2": (10, 2), "C10L6": (10, 6), "C2L6": (2, 6)}
WIDTH, LENGTH = 200e-6, 1200e-6
#: of the whole film at 300 K [Ohm m]: 1.72 mOhm cm of CaRuO3 and 0.30 of LaNiO3 with insulating thin layers; measured
RESISTIVITY = {
    "C10L2": 1.72e-5 * (10 * 3.85 + 2 * 3.84) / (10 * 3.85),
    "C10L6": 0.60e-5,
    "C2L6": 0.30e-5 * (2 * 3.85 + 6 * 3.84) / (6 * 3.84),
}
#: of the Hall loop at 2 K [Ohm m], and coercive field [T]
HALL, COERCIVE = {"C10L2": 5e-9, "C10L6": 3e-10, "C2L6": 4e-11}, {"C10L2": 1.3, "C10L6": 0.97, "C2L6": 0.35}
#: ordinary Hall coefficient [m^3/C]
ORDINARY = {"C10L2": 2.4e-10, "C10L6": 1.5e-10, "C2L6": 0.9e-10}
#: (R(9 T) - R(0))/R(0)
RATIO = {2.0: -6.5e-3, 5.0: -6.5e-3, 10.0: -6.5e-3, 20.0: -6.5e-3, 35.0: -3e-3, 50.0: -6e-4, 65.0: -2e-4, 100.0: 4e-4}
CURIE, CONSTANT = 75.0, 20.0
#: mass magnetisation is not known: A/m at 2 K, area of the piece [m^2]
MAGNETIZATION, AREA = {"C10L2": 6.0e4, "C2L6": 4.5e4}, 25e-6
ANGLES = np.arange(0.0, 361.0, 5.0)
#: amplitudes of cos(2 angle) and cos(4 angle) over the mean resistance
AMR = {
    ("C2L6", "alpha"): {T: (-1.5e-4 - 2e-6 * T, -4e-4 * m) for T, m in ((5, 1), (20, 1), (50, 0.45), (100, 0))},
    ("C10L2", "gamma"): {T: (8e-4 * m - 3e-4, 2e-4) for T, m in ((5, 1), (20, 0.8), (50, 0.3), (100, 0))},
}


def thickness(sample):
    """Of the whole film [m]."""
    return REPEATS * float(np.dot(SAMPLES[sample], CELLS))


def order(T):
    """Magnetisation over that at 0 K: constant up to 20 K, then a straight line to zero at 75 K, corners 1.5 K wide."""
    soft = lambda x: 1.5 * np.logaddexp(0, np.asarray(x) / 1.5)  # noqa: E731
    return (soft(CURIE - T) - soft(CONSTANT - T)) / (CURIE - CONSTANT)


def resistivity(sample, T):
    """Of the whole film in zero field [Ohm m]: metallic, with a logarithmic upturn."""
    shape = lambda T: 1 / (1 / (0.62 + 0.38 * (T / 300) ** 1.4) - 0.012 * np.log1p((12 / T) ** 2))  # noqa: E731
    return RESISTIVITY[sample] * shape(np.asarray(T, dtype=float)) / shape(300.0)


def temperature_of_minimum(sample):
    """Where the resistivity is least [K]."""
    return float(minimize_scalar(lambda T: resistivity(sample, T), bounds=(3, 100), method="bounded").x)


def hall_conductivity(sample, T):
    """Anomalous Hall conductivity [S/m], proportional to the magnetisation."""
    return HALL[sample] / resistivity(sample, 2.0) ** 2 * order(T) / order(2.0)


def hall_resistivity(sample, T):
    """Half the height of the loop of E_y/j_x [Ohm m]."""
    return hall_conductivity(sample, T) * resistivity(sample, T) ** 2


def coercive_field(sample, T):
    """[T]; falls fast between 2 and 20 K."""
    return COERCIVE[sample] * np.exp(-(T - 2) / 12)


def relative_resistance(T, B, switching):
    """R(B) of one branch: falls with the field, to RATIO at 9 T, and has a peak where the branch switches."""
    fall = lambda B: np.sqrt(B**2 + 1) - 1  # noqa: E731
    peak = lambda u: 1e-3 * order(T) / np.cosh(u / 0.4) ** 2  # noqa: E731
    own = np.abs(switching).mean()
    steep = (1 - (1 + RATIO[T]) * (1 + peak(own)) + peak(9 - own)) / fall(9)
    return 1 - steep * fall(B) + peak(B - switching)


def peak_field(sample, T):
    """Where the resistance of the rising branch is largest [T]."""
    own = np.array(coercive_field(sample, T))
    return float(minimize_scalar(lambda B: -relative_resistance(T, B, own), bounds=(0, 2 * own), method="bounded").x)


def legs(sample, T):
    """Field of a loop to 9 T, fine below 2 T, and where each of its branches switches."""
    rising = np.concatenate([np.arange(-9, -2, 0.5), np.arange(-2, 2, 0.1), np.arange(2, 9.01, 0.5)])
    B, side = np.concatenate([rising[::-1], rising]), np.repeat([-1.0, 1.0], rising.size)
    return np.round(B, 4), side * coercive_field(sample, T)


def _rows(columns, digits):
    return {name: [float(f"{v:.{digits.get(name, 6)}g}") for v in values] for name, values in columns.items()}


def _file(columns, byapp="Resistivity,1.2,1.0", digits=()):
    return quantum_design(byapp, _rows(columns, dict(digits)))


def files():
    """Text of every file by name."""
    rng = np.random.default_rng(20240311)
    square = {s: LENGTH / WIDTH / thickness(s) for s in SAMPLES}
    out, clock = {}, 0.0

    def times(count):
        nonlocal clock
        start, clock = clock, clock + 12.0 * count
        return start + 12.0 * np.arange(count)

    for s in SAMPLES:
        T = np.concatenate([np.arange(2, 30, 1.0), np.arange(30, 300.1, 5.0)])
        R = resistivity(s, T) * square[s]
        columns = {"Time Stamp (sec)": times(T.size), "Temperature (K)": T + 0.01 * rng.standard_normal(T.size)}
        columns["Magnetic Field (Oe)"] = 0 * T
        columns["Bridge 1 Resistance (Ohms)"] = R * (1 + 2e-5 * rng.standard_normal(T.size))
        out[f"{s}_RT.dat"] = _file(columns, digits={"Time Stamp (sec)": 10, "Bridge 1 Resistance (Ohms)": 8})
        loops = []
        for T in RATIO:
            B, switching = legs(s, T)
            R = resistivity(s, T) * relative_resistance(T, B, switching) * square[s]
            hall = hall_resistivity(s, T) * np.tanh((B - switching) / 0.25) + ORDINARY[s] * B
            R += 1e-5 * R.mean() * rng.standard_normal(B.size)
            # the contacts are not opposite to each other
            across = hall / thickness(s) + 4e-4 * R + 2e-5 * rng.standard_normal(B.size)
            loops.append((T + 0.005 * rng.standard_normal(B.size), 1e4 * B, R, across))
        T, B, R, across = np.concatenate(loops, axis=1)
        columns = {"Time Stamp (sec)": times(T.size), "Temperature (K)": T, "Magnetic Field (Oe)": B}
        columns |= {"Bridge 1 Resistance (Ohms)": R, "Bridge 2 Resistance (Ohms)": across}
        out[f"{s}_loops.dat"] = _file(columns, digits={n: 9 for n in columns if "Temp" not in n})
    for (s, plane), parts in AMR.items():
        scans = []
        for T, (c2, c4) in parts.items():
            phase = np.deg2rad(ANGLES)
            R = resistivity(s, T) * square[s] * (1 + c2 * np.cos(2 * phase) + c4 * np.cos(4 * phase))
            R *= 1 + 5e-6 * rng.standard_normal(ANGLES.size)
            scans.append((T + 0.005 * rng.standard_normal(ANGLES.size), ANGLES, R))
        T, angle, R = np.concatenate(scans, axis=1)
        columns = {"Time Stamp (sec)": times(T.size), "Temperature (K)": T, "Magnetic Field (Oe)": 9e4 + 0 * T}
        columns |= {"Sample Position (deg)": angle, "Bridge 1 Resistance (Ohms)": R}
        out[f"{s}_{plane}.dat"] = _file(columns, digits={"Time Stamp (sec)": 9, "Bridge 1 Resistance (Ohms)": 9})
    for s, M in MAGNETIZATION.items():
        T = np.arange(2, 201, 2.0)
        moment = 1e3 * M * order(T) * AREA * thickness(s)
        columns = {"Time Stamp (sec)": times(T.size), "Temperature (K)": T, "Magnetic Field (Oe)": 2000 + 0 * T}
        columns["Moment (emu)"] = moment + 2e-3 * moment.max() * rng.standard_normal(T.size)
        columns["M. Std. Err. (emu)"] = 2e-3 * moment.max() + 0 * T
        out[f"{s}_moment.dat"] = _file(columns, "SQUID VSM,1.0,1.0", digits={"Time Stamp (sec)": 9})
    return out


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)
