"""The examples with a scattering model run and give the numbers that the documentation quotes."""

import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def imported(name, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return __import__(name)


@pytest.fixture
def chain(monkeypatch):
    yield imported("interface_chain", monkeypatch)
    sys.modules.pop("interface_chain", None)


@pytest.fixture
def trilayer(monkeypatch):
    yield imported("trilayer", monkeypatch)
    sys.modules.pop("trilayer", None)


def assert_figures(folder, *stems):
    for stem in stems:
        for kind in ("png", "pdf"):
            assert (folder / f"{stem}.{kind}").stat().st_size > 5000


@pytest.mark.study
def test_interface_chain_gives_the_quoted_numbers_and_figures(chain, tmp_path):
    result = chain.main(str(tmp_path))
    assert result["lowest, rashba, exchange"] == pytest.approx(-1.136e-3, rel=1e-3)
    assert result["highest, rashba, exchange"] == pytest.approx(4.39e-3, rel=2e-3)
    assert result["lowest, rashba, barrier"] >= 0
    assert result["lowest, exchange, barrier"] == pytest.approx(-7.41e-5, rel=2e-3)
    assert result["exchange where the sheet term turns"] == pytest.approx(0.527, abs=1e-3)
    assert result["exchange where the sum turns"] == pytest.approx(0.546, abs=1e-3)
    for inverse, weak, strong in ((1, 2.297e-4, -6.68e-5), (0, 1.728e-4, -1.167e-4)):
        assert result[f"exchange 0.2, eta {inverse}, theta 0, rashba 0.1"] == pytest.approx(weak, rel=2e-3)
        assert result[f"exchange 0.8, eta {inverse}, theta 0, rashba 0.1"] == pytest.approx(strong, rel=2e-3)
    assert result["exchange 0.8, eta 1, theta 0.05, rashba 0.1"] == pytest.approx(-8.90e-5, rel=2e-3)
    assert result["exchange 0.8, eta 1, theta 0.05, rashba -0.1"] == pytest.approx(9.7e-6, rel=1e-2)
    assert result["lowest over rashba, exchange 0.2, theta 0.05, eta 1"] == pytest.approx(1.39e-5, rel=5e-3)
    assert result["sheet (S), exchange 0.2, m || y"] == pytest.approx(-3.34e-6, rel=2e-3)
    assert result["sheet (S), exchange 0.2, m || z"] == pytest.approx(-8.53e-6, rel=2e-3)
    assert result["sheet (S), exchange 0.8, m || y"] == pytest.approx(-2.25e-6, rel=3e-3)
    assert result["sheet (S), exchange 0.8, m || z"] == pytest.approx(1.26e-6, rel=5e-3)
    for pair in chain.PAIRS:
        assert result[f"negative with a positive sheet term, {', '.join(pair)}"] == 0
    assert result["lowest of generation x inverse, rashba, exchange"] == pytest.approx(-1.334e-4, rel=1e-3)
    assert_figures(tmp_path, "interface_chain_maps", "interface_chain_parts")


def test_without_inverse_and_spin_hall_effect_only_the_sheet_term_of_the_interface_depends_on_m(chain):
    film = chain.ss.load_sample(EXAMPLES / "interface_chain.toml").replace({chain.INVERSE: 0.0})
    sheets = [float(chain.sheet(film, m, 0.2)) for m in (chain.Y, chain.Z)]
    G = [chain.ss.sheet_conductance(film, m=m)[0, 0] for m in (chain.Y, chain.Z)]
    assert G[0] - G[1] == pytest.approx(sheets[0] - sheets[1], rel=1e-6)


def test_reversing_rashba_and_spin_hall_angle_together_changes_nothing(chain):
    film = chain.ss.load_sample(EXAMPLES / "interface_chain.toml")
    for inverse in (0.0, 1.0):
        one = chain.beta(film, inverse, 0.05, rashba=0.1)
        assert chain.beta(film, inverse, -0.05, rashba=-0.1) == pytest.approx(one, rel=1e-8)
        assert abs(chain.beta(film, inverse, 0.05, rashba=-0.1) - one) > 1e-5


@pytest.mark.study
def test_trilayer_gives_the_quoted_numbers_and_figures(trilayer, tmp_path):
    result = trilayer.main(str(tmp_path))
    assert result["Q_z in Cu, m along E"] == pytest.approx(-3197, rel=1e-3)
    assert result["Q_y in Cu, m along E"] == pytest.approx(-39607, rel=1e-3)
    assert result["Q_y in Cu, m across E"] == pytest.approx(-34698, rel=1e-3)
    assert result["Q_z in Cu, m along E, upper magnet along x"] == pytest.approx(-20984, rel=1e-3)
    assert result["Q_z in Cu, m along E, no polarization of Py"] == pytest.approx(-383, rel=3e-3)
    assert result["Q_z in Cu, m along E, no exchange at the interface"] == pytest.approx(-3713, rel=1e-3)
    assert result["Q_z: largest deviation from cos"] < 1e-10
    tau = result["tau_z, m along E (N/m per V/m)"]
    assert tau == pytest.approx(-4.69e-12, rel=1e-3)
    assert result["tau_z, m against E (N/m per V/m)"] == pytest.approx(-tau, rel=1e-9)
    assert result["tau_z with Rashba reversed"] == pytest.approx(-tau, rel=1e-9)
    assert result["tau_z: share of cos 3 phi"] == pytest.approx(-0.111, abs=1e-3)
    assert result["torque along y on CoFeB along z, m across E"] == pytest.approx(-1.142e-11, rel=1e-3)
    for forbidden in ("tau_z, m across E (N/m per V/m)", "tau_z without Rashba", "tau_z with one magnet"):
        assert abs(result[forbidden]) < 1e-9 * abs(tau)
    assert_figures(tmp_path, "trilayer_angle", "trilayer_strength")


def test_one_magnet_alone_still_feels_the_in_plane_spin(trilayer):
    film = trilayer.single_magnet(trilayer.ss.load_sample(EXAMPLES / "trilayer.toml"))
    torque = trilayer.ss.torque(film, m=np.array([0.0, 0.0, 1.0]))["CoFeB"].values
    assert abs(torque[1]) > 1e-12


@pytest.mark.study
def test_the_lattice_tends_to_the_continuum_and_gives_a_film_its_interface(monkeypatch, tmp_path):
    lattice = imported("lattice_interface", monkeypatch)
    result = lattice.main(str(tmp_path))
    sys.modules.pop("lattice_interface", None)
    assert result["order"] == pytest.approx(2.0, abs=0.01)
    assert result["off_film"] == pytest.approx(4.19e-4, rel=0.02)
    assert result["order_film"] == pytest.approx(1.97, abs=0.02)
    assert result["error"] == pytest.approx(1.1e-3, rel=0.1)
    assert result["degree"] == 4
    assert result["conductance_up"] == pytest.approx(7.865e13, rel=1e-3)
    assert result["conductance_down"] == pytest.approx(3.018e13, rel=1e-3)
    assert result["mixing_conductance"] == pytest.approx(6.181e13, rel=1e-3)
    assert result["alpha"] == pytest.approx(1.571e-5, rel=1e-2)
    assert_figures(tmp_path, "lattice_interface")
    assert (tmp_path / "lattice_interface.npz").is_file()
