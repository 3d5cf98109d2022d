"""Traces on the table of a film against the Gilbert equation solved by SciPy, the film itself asked at every step."""

import numpy as np
import pytest
from magnet_tables import NM, bilayer
from scipy.integrate import solve_ivp

import spinstack as ss
from spinstack.numerics.constants import BOHR_MAGNETON, PLANCK_REDUCED, VACUUM_PERMEABILITY
from spinstack.observables.registry import arrays


def gilbert(m, B, T, moment, ratio, damping):
    """dm/dt from dm/dt = -g (m x B + T/M) + a m x dm/dt, as linear equations."""
    cross = np.array([[0, -m[2], m[1]], [m[2], 0, -m[0]], [-m[1], m[0], 0]])
    return np.linalg.solve(np.eye(3) - damping * cross, -ratio * (np.cross(m, B) + T / moment))


def asked(film, names, K, m):
    """Torque [J/m^2] and Oersted field [T] of each magnet under a sheet current K along x, from public observables."""
    at = dict(zip(names, m, strict=True))
    E = np.asarray(ss.sheet_resistance(film, m=at)) @ [K, 0.0]
    torque = arrays(ss.torque)(film, m=at, E=E)
    share = np.asarray(arrays(ss.layer_currents)(film, m=at, E=E)["sheet_current"])
    out = []
    for name in names:
        k = next(i for i, e in enumerate(film.elements) if getattr(e, "name", "") == name)
        x, y = share[:k].sum(0) - share[k + 1 :].sum(0)
        out.append((np.asarray(torque[name]), VACUUM_PERMEABILITY / 2 * np.array([y, -x, 0.0])))
    return out


def test_a_bilayer_turns_as_its_own_torque_says():
    film, magnet = bilayer(g_factor=2.1, damping=0.1)
    model, K, B = ss.MagneticModel(film, [magnet]), 5e4, np.array([0.08, 0.02, 0.05])
    ratio, start = 2.1 * BOHR_MAGNETON / PLANCK_REDUCED, np.array([0.36, 0.48, 0.8])

    def rate(t, m):
        ((T, own),) = asked(film, ["Co"], K, [m])
        return gilbert(m, B + own + 0.4 * m[2] * np.eye(3)[2], T, 1.1e6 * NM, ratio, 0.1)

    time = np.linspace(0, 0.1e-9, 6)
    right = solve_ivp(rate, (0, time[-1]), start, "DOP853", time, rtol=1e-7, atol=1e-9, first_step=1e-13).y.T
    found = ss.trace(model, start, duration=time[-1], current=K, B=B, samples=6)["m"].values[:, 0]
    assert np.abs(found - right).max() < 1e-5
    assert np.abs(np.diff(right, axis=0)).min() > 1e-3


@pytest.mark.study
def test_two_magnets_of_a_spin_valve_turn_each_other_as_the_film_says():
    film, co = bilayer(damping=0.1)
    spacer = ss.Metal("Cu", thickness=2 * NM, conductivity=3e7, spin_diffusion_length=200 * NM)
    py = ss.Ferromagnet(
        "Py", thickness=2 * NM, conductivity=4e6, polarization=0.5, spin_diffusion_length=5 * NM, dephasing_length=NM
    )
    film = film | film.elements[1] | spacer | film.elements[1] | py
    second = ss.Macrospin("Py", magnetization=8e5, effective_magnetization=0.9, damping=0.05)
    exchange = ss.InterlayerExchange("Co", "Py", bilinear=-5e-5, biquadratic=1e-5)
    model = ss.MagneticModel(film, [co, second], couplings=[exchange], degree=4, tolerance=0.1)
    K, B = 1e5, np.array([0.05, 0.02, 0.1])
    ratio, start = 2 * BOHR_MAGNETON / PLANCK_REDUCED, np.array([[0.36, 0.48, 0.8], [0.8, -0.6, 0.0]])
    moments, z = np.array([1.1e6 * NM, 8e5 * 2 * NM]), np.eye(3)[2]

    def rate(t, flat):
        m = flat.reshape(2, 3)
        out = []
        for i, (T, own) in enumerate(asked(film, ["Co", "Py"], K, m)):
            held = 0.4 * m[0, 2] * z if i == 0 else -0.9 * m[1, 2] * z
            pull = (-5e-5 + 2 * 1e-5 * m[0] @ m[1]) * m[1 - i] / moments[i]
            out.append(gilbert(m[i], B + own + held + pull, T, moments[i], ratio, (0.1, 0.05)[i]))
        return np.concatenate(out)

    time = np.linspace(0, 0.1e-9, 6)
    right = solve_ivp(rate, (0, time[-1]), start.ravel(), "DOP853", time, rtol=1e-7, atol=1e-9, first_step=1e-13).y.T
    given = {"Co": start[0], "Py": start[1]}
    more = {"duration": time[-1], "B": B, "samples": 6}
    found, without = (ss.trace(model, given, current=one, **more)["m"].values for one in (K, 0.0))
    right = right.reshape(6, 2, 3)
    # the torque that one magnet makes on the other is no polynomial: the table is off by a few percent of what it does
    work = np.abs(without - right).max()
    assert work > 0.3
    assert np.abs(found - right).max() < model.residual * work
