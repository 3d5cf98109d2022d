"""A file of a million rows, from disk to fitted harmonics, against the pandas and scipy script one would write.

python benchmarks/measured.py [rows, default 1000000]
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from common import seconds
from spinstack.measure.angles import fit_harmonics
from spinstack.measure.cleaning import remove_spikes
from spinstack.measure.readers import read


def write(path: Path, rows: int) -> None:
    """A rotation with two-theta magnetoresistance, drift, noise and spikes."""
    rng = np.random.default_rng(0)
    time = 0.28 * np.arange(rows)
    angle = 360.0 * np.arange(rows) / rows
    R = 1734 * (1 + 4e-4 * np.cos(2 * np.radians(angle - 7))) + 0.02 * time / time[-1] + 0.01 * rng.normal(size=rows)
    R[rng.integers(0, rows, rows // 5000)] += 50
    with path.open("w") as file:
        file.write("time (s)\tangle (deg)\tR_xx (Ohm)\tfield (T)\n")
        np.savetxt(file, np.stack([time, angle, R, np.full(rows, 2.0)], 1), fmt="%.6f", delimiter="\t")


def ours(path: Path) -> float:
    """Read, clean and fit."""
    found = fit_harmonics(remove_spikes(read(path), "R_xx"), orders=(1, 2, 4), drift_degree=1)
    return float(found["value"].sel(parameter="c2"))


def script(path: Path) -> float:
    """What one would write: read_csv, a running median against spikes, curve_fit."""
    import pandas as pd
    from scipy.ndimage import median_filter
    from scipy.optimize import curve_fit

    frame = pd.read_csv(path, sep="\t")
    time, angle, R = (frame.iloc[:, i].to_numpy() for i in range(3))
    off = R - median_filter(R, 15)
    keep = np.abs(off) < 6 * 1.4826 * np.median(np.abs(off))
    time, angle, R = time[keep], np.radians(angle[keep]), R[keep]

    def model(x: np.ndarray, R0: float, a1: float, p1: float, a2: float, p2: float, a4: float, p4: float, d: float):
        angle, time = x
        waves = a1 * np.cos(angle - p1) + a2 * np.cos(2 * (angle - p2)) + a4 * np.cos(4 * (angle - p4))
        return R0 + waves + d * time

    start = (R.mean(), 0.1, 0.1, 0.5, 0.1, 0.1, 0.1, 0.0)
    found, _ = curve_fit(model, np.stack([angle, time / time[-1]]), R, start)
    return float(abs(found[3] / found[0]))


def main() -> None:
    """Print medians and the peak memory."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.txt"
        write(path, rows)
        size = path.stat().st_size / 2**20
        value = ours(path)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        mine, _ = seconds(lambda: ours(path), 3)
        theirs, _ = seconds(lambda: script(path), 3)
        reading = median(seconds(lambda: read(path), 3))
        print(f"{rows:,} rows ({size:.0f} MiB): read, spikes, harmonics {mine:.2f} s, of it reading {reading:.2f} s")
        print(f"pandas and scipy script {theirs:.2f} s, {theirs / mine:.2f} times as long")
        print(f"two-theta ratio {value:.5e} and {script(path):.5e} (true 4e-4); peak memory {peak:.2f} GiB")


if __name__ == "__main__":
    main()
