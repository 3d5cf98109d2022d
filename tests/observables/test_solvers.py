"""Every observable takes a solver; both theories answer with the same labels, and say what they refuse."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from plain_films import barrier

import spinstack as ss
from spinstack.boltzmann import solve
from spinstack.stack import ParameterError


def bilayer(metal=5e-9, magnet=4e-9, **changes):
    return (
        ss.Metal("N", thickness=metal, conductivity=5e6, spin_diffusion_length=20e-9)
        | ss.Interface(scattering=barrier(**({"rashba": 0.1} | changes)))
        | ss.Ferromagnet(
            "F",
            thickness=magnet,
            conductivity=4e6,
            polarization=0.4,
            spin_diffusion_length=10e-9,
            dephasing_length=1e-9,
        )
    )


FAST = ss.Boltzmann(rtol=1e-2)


def test_the_default_is_drift_diffusion():
    assert ss.sheet_conductance(bilayer(), m=(0, 1, 0), solver=ss.DriftDiffusion()) == pytest.approx(
        ss.sheet_conductance(bilayer(), m=(0, 1, 0))
    )
    assert ss.angular_scan(bilayer(), "beta", [0, 90]).attrs["solver"] == "drift-diffusion"


def test_magnetoresistance_is_resolved_to_its_own_size():
    coarse = ss.magnetoresistance(bilayer(), "beta", solver=ss.Boltzmann(rtol=1e-3))
    fine = ss.magnetoresistance(bilayer(), "beta", solver=ss.Boltzmann(rtol=1e-6))
    assert coarse == pytest.approx(fine, rel=2e-3)
    assert fine == pytest.approx(1.3507e-4, rel=1e-3)


def test_observables_agree_with_each_other():
    film, m, E = bilayer(), (0.3, 0.5, 0.8), (0.6, 0.8)
    G = ss.sheet_conductance(film, m=m, solver=FAST)
    scan = ss.profile(film, m=m, E=E, solver=FAST, points=401)
    sheet = np.array([np.trapezoid(scan.j[:, i], scan.z) for i in range(2)])
    np.testing.assert_allclose(sheet, G @ E, rtol=2e-3)
    for layer in ("N", "F"):
        inside = scan.where(scan.layer == layer, drop=True)
        thickness = float(inside.z[-1] - inside.z[0])
        mean = [np.trapezoid(inside.Q[:, k], inside.z) / thickness for k in range(3)]
        found = ss.average_spin_current(film, layer, m=m, E=E, solver=FAST)
        np.testing.assert_allclose(found, mean, atol=2e-3 * np.abs(found).max())
    direct = solve(film, m, rtol=1e-2)
    torque = ss.torque(film, m=m, E=E, solver=FAST)["F"].values
    np.testing.assert_allclose(torque / (1.054571817e-34 / 2 / 1.602176634e-19), direct.torque[0] @ E, rtol=1e-8)


def test_results_carry_the_solver():
    scan = ss.angular_scan(bilayer(), "beta", [0, 90], solver=FAST)
    assert scan.attrs["solver"] == "Boltzmann, rtol 0.01, specularity 0 and 0"
    swept = ss.sweep(bilayer(), {"N.thickness": [3e-9, 6e-9]}, partial(ss.magnetoresistance, plane="beta", solver=FAST))
    assert swept.attrs["solver"].startswith("Boltzmann")
    for t, value in zip((3e-9, 6e-9), swept.magnetoresistance.values, strict=True):
        assert value == pytest.approx(ss.magnetoresistance(bilayer(t), "beta", solver=FAST), rel=1e-2)


def test_specularity_counts():
    film = ss.Film((ss.Metal("N", thickness=2e-9, conductivity=5e6, spin_diffusion_length=20e-9),))
    smooth, rough = (ss.sheet_conductance(film, solver=ss.Boltzmann(specularity=(p, p)))[0, 0] for p in (1.0, 0.0))
    assert smooth == pytest.approx(5e6 * 2e-9, rel=1e-9)
    assert rough < 0.9 * smooth


def test_perpendicular_resistance_of_thick_films_is_that_of_drift_diffusion():
    film = bilayer(400e-9, 400e-9)
    both = [ss.perpendicular_resistance(film, m=(0, 1, 0), solver=s) for s in (None, ss.Boltzmann())]
    assert both[1] == pytest.approx(both[0], rel=0.02)


def test_a_batch_is_a_loop():
    m = np.array([[0, 1, 0], [0, 0.6, 0.8], [1, 0, 0]])
    film = bilayer(np.array([[3e-9], [5e-9]]))
    Q = ss.average_spin_current(film, "N", m=m, solver=FAST)
    assert Q.shape == (2, 3, 3)
    one = ss.average_spin_current(bilayer(5e-9), "N", m=m[1], solver=FAST)
    np.testing.assert_allclose(Q[1, 1], one, rtol=1e-2, atol=1e-3 * np.abs(one).max())


PLAIN = bilayer()[0] | ss.Interface(conductance_up=5e14, conductance_down=3e14, mixing_conductance=6e14) | bilayer()[2]
BAD = [
    (lambda: ss.Boltzmann(rtol=0), "rtol"),
    (lambda: ss.Boltzmann(rtol=True), "rtol"),
    (lambda: ss.Boltzmann(specularity=(0, 1.5)), "specularity"),
    (lambda: ss.Boltzmann(specularity=0.5), "specularity"),
    (lambda: ss.sheet_conductance(bilayer(), m=(0, 1, 0), solver="boltzmann"), "solver"),
    (lambda: ss.sheet_conductance(bilayer(), m=(0, 1, 0), solver=ss.Boltzmann), "solver"),
    (lambda: ss.sheet_conductance(bilayer(), m=(0, 1, 0), B=(0, 0, 1), solver=FAST), "B: got"),
    (lambda: ss.angular_scan(bilayer(), "beta", [0], field=1.0, solver=FAST), "B: got"),
    (lambda: ss.sheet_conductance(bilayer(), solver=FAST), "m"),
    (lambda: ss.sheet_conductance(PLAIN, m=(0, 1, 0), solver=FAST), "scattering"),
    (lambda: ss.profile(bilayer(), m=(0, 1, 0), E=(1, 0, 0), solver=FAST), "E"),
]


@pytest.mark.parametrize(("call", "word"), BAD)
def test_what_is_refused_is_named(call, word):
    with pytest.raises(ParameterError, match=word):
        call()


@pytest.mark.study
def test_a_film_that_was_made_before_jax_was_loaded_is_solved():
    code = """if True:
        import sys, spinstack as ss
        layer = dict(thickness=5e-9, conductivity=5e6, spin_diffusion_length=2e-9)
        barrier = ss.DeltaBarrier(barrier=0.6, exchange=0.3, rashba=0.1, fermi_wavevector=1.36e10)
        magnet = ss.Ferromagnet("Co", **layer, polarization=0.4)
        film = ss.Metal("Pt", **layer) | ss.Interface(scattering=barrier) | magnet
        assert "jax" not in sys.modules
        print(ss.sheet_resistance(film, m="y")[0, 0])
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert 15 < float(found.stdout) < 25
