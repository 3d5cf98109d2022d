"""Spectra, maps and predictions of superlattices from an analysis file, in the units that files have."""

import numpy as np
import pytest

from spinstack.study import analyze

FILE = """\
spinstack = 1

[[file]]
path = "*.csv"

[[analysis]]
do = "fit_edges"
files = ["LNO", "SL"]
peaks = ["870 eV", "0.8712 keV"]
step = "none"

[[analysis]]
do = "peak_shift"
of = "fit_edges"
reference = "LNO"
reproducibility = "20 meV"

[[analysis]]
do = "edge_shift"
files = "SL"
reference = "LNO"

[[analysis]]
do = "window_integrals"
files = "SL"
pre_edge = ["864 eV", "867 eV"]
windows = { a = ["868 eV", "870.4 eV"], b = ["870.4 eV", "874 eV"] }

[[analysis]]
do = "reciprocal_map"
files = "map_*"
hkl = [1, 0, 3]
substrate = ["3.868 angstrom", "0.3868 nm"]
film = "3.81 angstrom"
poisson = 0.3

[[analysis]]
do = "reciprocal_map"
name = "angles"
files = "turned_*"
hkl = [1, 0, 3]
substrate = ["3.868 angstrom", "0.3868 nm"]
film = "3.81 angstrom"
wavelength = "1.54 angstrom"
poisson = 0.3

[[analysis]]
do = "parallel_layers"
samples = [
    { name = "C10/L2", a = "10 nm", b = "2 nm", repeats = 10, resistivity = "2.064 mOhm cm", conducting = "a" },
    { name = "C2/L6", a = "2 nm", b = "6 nm", repeats = 10, resistivity = "0.4 mOhm cm", conducting = "b" },
]

[[analysis]]
do = "predict"
of = "parallel_layers"
samples = [
    { name = "C10/L6", a = "10 nm", b = "6 nm", repeats = 10, resistivity = "0.60 mOhm cm" },
    { name = "C10/L4", a = "10 nm", b = "4 nm", repeats = 10 },
]
"""


def write(path, **columns):
    table = np.column_stack([np.ravel(c) for c in columns.values()])
    np.savetxt(path, table, "%.12g", ",", header=",".join(columns), comments="", encoding="utf-8")


def edge(energy, at):
    return sum(k * np.exp(-(((energy - c) / 0.6) ** 2)) for k, c in ((1.0, at), (1.5, at + 1.2)))


@pytest.fixture
def run(tmp_path):
    rng = np.random.default_rng(0)
    energy = np.linspace(862, 878, 161)
    write(
        tmp_path / "LNO.csv", **{"energy (eV)": energy, "intensity": edge(energy, 870) + 0.002 * rng.normal(size=161)}
    )
    shifted = edge(energy, 869.8) + 0.002 * rng.normal(size=161)
    write(tmp_path / "SL.csv", **{"energy (keV)": energy / 1e3, "intensity (counts)": shifted})
    substrate, film = 2 * np.pi / 3.868 * (1 + 3j), 2 * np.pi * (1 / 3.868 + 3j / 3.80)  # 1/angstrom
    x, z = np.meshgrid(np.linspace(1.58, 1.67, 46), np.linspace(4.83, 5.02, 96))
    spots = ((substrate, 0.012, 1e5), (film, 0.03, 300))
    counts = rng.poisson(
        3
        + sum(k * np.exp(-4 * np.log(2) * (((x - q.real) / 0.012) ** 2 + ((z - q.imag) / w) ** 2)) for q, w, k in spots)
    )
    write(tmp_path / "map_A.csv", **{"q_x (1/angstrom)": x, "q_z (Å^-1)": z, "intensity": counts})
    write(tmp_path / "map_nm.csv", **{"q_x (nm^-1)": 10 * x, "q_z (1/nm)": 10 * z, "intensity": counts})
    length, lean = np.hypot(x, z), np.arctan2(x, z)
    theta = np.arcsin(length * 1.54 / (4 * np.pi))
    omega = theta + lean
    write(tmp_path / "turned_rad.csv", **{"omega (rad)": omega, "two_theta (rad)": 2 * theta, "intensity": counts})
    degrees = {"omega (deg)": np.degrees(omega), "two_theta (°)": np.degrees(2 * theta), "intensity": counts}
    write(tmp_path / "turned_deg.csv", **degrees)
    (tmp_path / "all.toml").write_text(FILE, encoding="utf-8")
    return analyze(tmp_path / "all.toml")


def number(found, name, of="value"):
    return found[of].sel(parameter=name).item()


@pytest.mark.study
def test_units_of_files_do_not_matter_and_results_find_each_other(run):
    assert not run.failures
    found = run.of_kind("results")
    assert number(found["fit_edges_SL"], "centre_a") == pytest.approx(869.8, abs=0.01)
    assert number(found["peak_shift"], "shift_b_SL") == pytest.approx(-0.2, abs=0.01)
    assert number(found["peak_shift"], "shift_b_SL", "error") == pytest.approx(0.02 * 2**0.5, rel=0.01)
    assert number(found["edge_shift"], "shift") == pytest.approx(-0.2, abs=0.003)
    windows = found["window_integrals"]
    assert number(windows, "ratio_b") == pytest.approx(number(windows, "integral_b") / number(windows, "integral_a"))
    assert number(windows, "integral_a") + number(windows, "integral_b") == pytest.approx(
        1.5 * 10 / 6 * 0.6 * np.pi**0.5, rel=0.01
    )
    maps = [found[n]["value"].values for n in
            ("reciprocal_map_map_A", "reciprocal_map_map_nm", "angles_turned_deg", "angles_turned_rad")]  # fmt: skip
    for other in maps[1:]:
        np.testing.assert_allclose(other, maps[0], rtol=1e-6, atol=1e-9)
    strain = found["reciprocal_map_map_A"]
    assert number(strain, "lattice_normal") == pytest.approx(3.80e-10, abs=1e-13)
    assert "fully strained within the error" in strain["words"].sel(parameter="relaxation").item()
    said = found["predict"]
    assert number(said, "resistivity_C10/L6") == pytest.approx(16 / (10 / 1.72 + 6 / 0.30) * 1e-5)
    assert number(said, "deviation_C10/L6") == pytest.approx((0.60 - 0.6198) * 1e-5, rel=0.01)
    assert "deviation_C10/L4" not in said["parameter"].values
