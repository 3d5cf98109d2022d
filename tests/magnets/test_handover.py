"""What other programs are given, put into their own formulas, is the motion that the table gives."""

import re
import sys
import types

import numpy as np
import other_codes
import pytest
from magnet_tables import NM, bilayer, directions, model, slonczewski

import spinstack as ss
from spinstack.magnets.motion import mechanics, rates
from spinstack.numerics.constants import BOHR_MAGNETON, PLANCK_REDUCED, VACUUM_PERMEABILITY

M = directions(np.random.default_rng(11), 50)
NUMBER = r"(-?[\d.]+(?:e[-+]?\d+)?)"
#: efficiencies, tilted spins, a field across them, of both signs of each
TORQUES = [
    ((0.0, 0.8, 0.6), 0.03, 0.01, (0.0, 0.0, 0.0)),
    ((0.0, 1.0, 0.0), -0.03, 0.02, (0.0, 0.0, 0.0)),
    ((0.36, 0.48, -0.8), 0.03, -0.02, (0.01, -0.02, 0.03)),
]


def planted(p, a, f, field, **magnet):
    """A model that turns by a m x (p x m) + f p x m + field x m at 1 A/m along x."""
    size = np.linalg.norm(field)
    turning = slonczewski(p, a, f) + (slonczewski(np.divide(field, size), 0.0, size) if size else 0)
    given = {"damping": 0.1, "magnetization": 9e5, "g_factor": 2.1, "effective_magnetization": 0.0}
    return model(turning, **given | magnet)


def numbers(text, *names):
    """Of each name what stands behind it, as floats."""
    found = [re.search(rf"{re.escape(name)}\s*=?\s*(?:\w*\()?((?:[\s,]*{NUMBER})+)", text) for name in names]
    assert all(found), text
    return [np.array([float(v) for v in re.findall(NUMBER, one.group(1))]).squeeze() for one in found]


def mumax3(text):
    Ms, alpha, gamma, t, p, Lambda, pol, eps, J = numbers(
        text, "\nMsat", "\nalpha", "GammaLL", "FreeLayerThickness", "FixedLayer = ", "Lambda", "Pol", "EpsilonPrime",
        "\nJ",
    )  # fmt: skip
    assert (J[:2] == 0).all()
    assert "DisableZhangLiTorque = true" in text
    B = numbers(text, "B_ext")[0] if "B_ext" in text else np.zeros(3)
    return other_codes.mumax(
        M, msat=Ms, alpha=alpha, gamma=gamma, thickness=t, on_top="FIXEDLAYER_TOP" in text, fixed_layer=p,
        Lambda=Lambda, pol=pol, epsilon_prime=eps, jz=J[2], B=B,
    )  # fmt: skip


def mumaxplus(text):
    place = {}
    exec(text, place)
    one = types.SimpleNamespace()
    place["put_torque"](one)
    assert one.enable_slonczewski_torque
    assert not one.enable_zhang_li_torque
    return other_codes.mumax(
        M, msat=one.msat, alpha=one.alpha, gamma=one.gamma, thickness=one.free_layer_thickness,
        on_top=one.fixed_layer_on_top, fixed_layer=one.fixed_layer, Lambda=one.Lambda, pol=one.pol,
        epsilon_prime=one.epsilon_prime, jz=one.jcur[2], B=getattr(one, "bias_magnetic_field", (0, 0, 0)),
    )  # fmt: skip


def oommf(text):
    Ms, cell, alpha, gamma, J, P, Lambda, eps, mp = numbers(
        text, "Ms", "one cell of", "  alpha", "gamma_G", "  J", "  P", "Lambda", "eps_prime",
        "mp { Oxs_UniformVectorField { vector {",
    )  # fmt: skip
    H = numbers(text, "field { Oxs_UniformVectorField { vector {")[0] if "FixedZeeman" in text else np.zeros(3)
    assert text.count("{") == text.count("}")
    return other_codes.oommf(
        M, Ms=Ms, alpha=alpha, gamma_G=gamma, J=J, mp=mp, P=P, Lambda=Lambda, eps_prime=eps, cell=cell, H=H
    )


class Term(dict):
    """Remembers what it was made with; terms add up to the numbers of both."""

    def __init__(self, **given):
        super().__init__(given)

    def __add__(self, other):
        return Term(**self, **other)


def ubermag(text, monkeypatch):
    stub = types.SimpleNamespace(Precession=Term, Damping=Term, Slonczewski=Term, Zeeman=Term)
    monkeypatch.setitem(sys.modules, "micromagneticmodel", stub)
    place = {}
    exec(text, place)
    one = place["dynamics"]
    return other_codes.oommf(
        M, Ms=place["Ms"], alpha=one["alpha"], gamma_G=one["gamma0"], J=one["J"], mp=one["mp"], P=one["P"],
        Lambda=one["Lambda"], eps_prime=one["eps_prime"], cell=place["thickness"],
        H=place["current_field"]["H"] if "current_field" in place else (0, 0, 0),
    )  # fmt: skip


def magnum_np(text, monkeypatch):
    stub = types.SimpleNamespace(SpinOrbitTorque=lambda: np.zeros(3), ExternalField=lambda h: h)
    monkeypatch.setitem(sys.modules, "magnumnp", stub)
    place, state = {}, types.SimpleNamespace(material={}, Tensor=np.array)
    exec(text, place)
    terms = place["put_torque"](state)
    return other_codes.magnum_np(M, **state.material, H=sum(terms))


READ = {"mumax3": mumax3, "mumax+": mumaxplus, "oommf": oommf, "ubermag": ubermag, "magnum.np": magnum_np}


def right(made, K):
    """dm/dt (points, 3) by the table."""
    still = made.landscape._replace(quadratic=0 * made.landscape.quadratic, bias=0 * made.landscape.bias)
    on = mechanics(made, np.array([1.0, 0.0]))._replace(land=still)
    return np.array(rates(on, 2, M.T[None], np.zeros((3, len(M))), K))[0].T


@pytest.mark.parametrize("code", READ)
@pytest.mark.parametrize("current", [2.0, -0.5])
@pytest.mark.parametrize("torque", TORQUES)
def test_the_formula_of_another_program_turns_the_magnet_as_the_table_does(torque, current, code, monkeypatch):
    made = planted(*torque)
    text = ss.export_torque(made, code, current=current)
    read = READ[code]
    found = read(text, monkeypatch) if code in ("ubermag", "magnum.np") else read(text)
    expected = right(made, current)
    np.testing.assert_allclose(found, expected, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("turned", [False, True])
def test_a_film_with_its_metal_on_top_has_the_other_sign_and_what_is_left_out_is_said(turned):
    film, magnet = bilayer()
    if turned:
        film = ss.Film(film.elements[::-1])
    made = ss.MagneticModel(film, [magnet])
    text = ss.export_torque(made, "mumax3", current=100.0)
    left = float(re.search(r"left out: (\S+)", text).group(1))
    a = float(re.search(r", a = (\S+) T", text).group(1))
    assert 1e-5 < left < 1e-3
    found = mumax3(text)
    on = mechanics(made, np.array([1.0, 0.0]))
    on = on._replace(land=on.land._replace(quadratic=0 * on.land.quadratic))
    expected = np.array(rates(on, made.table.turning.degree, M.T[None], np.zeros((3, len(M))), 100.0))[0].T
    off = np.abs(found - expected).max() / made.gyromagnetic_ratios[0]
    assert 0.1 * left * a < off < 1.1 * left * a
    # positive spin Hall angle below: spins along z x E = y, moments against it
    assert numbers(text, "FixedLayer = ")[0][1] == pytest.approx(1 if turned else -1, abs=1e-6)


def test_what_has_neither_form_is_refused_or_left_out_by_consent():
    film, magnet = bilayer()
    made = ss.MagneticModel(film, [magnet])
    with pytest.raises(ss.ParameterError) as found:
        ss.export_torque(made, "oommf", current=100.0, tolerance=1e-6)
    assert found.value.field == "tolerance"
    assert "torque_table" in found.value.remedy
    ss.export_torque(made, "oommf", current=100.0, tolerance=0.05)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "mumax"}, "code"),
        ({"current": 0.0}, "current"),
        ({"current": np.nan}, "current"),
        ({"along": "z"}, "along"),
        ({"tolerance": -1.0}, "tolerance"),
        ({"model": bilayer()[0]}, "model"),
        ({"model": planted((0, 0, 1.0), 0.0, 0.1, (0, 0, 0))}, "model"),
        ({"model": planted(*TORQUES[0], damping=None)}, "damping"),
        ({"code": "cmtj", "model": planted(*TORQUES[0], cubic_field=0.1, cubic_axis="x")}, "model"),
    ],
)
def test_what_cannot_be_told_is_refused(given, field):
    given = {"model": planted(*TORQUES[0]), "code": "mumax3", "current": 1.0} | given
    with pytest.raises(ss.ParameterError) as found:
        ss.export_torque(given.pop("model"), given.pop("code"), **given)
    assert found.value.field == field


def test_two_magnets_that_move_are_refused(tmp_path):
    film, magnet = bilayer()
    both = film | film.elements[1] | ss.Ferromagnet("Py", thickness=NM, conductivity=4e6, spin_diffusion_length=8 * NM)
    made = ss.MagneticModel(both, [magnet, ss.Macrospin("Py", magnetization=8e5, effective_magnetization=1.0)])
    with pytest.raises(ss.ParameterError) as found:
        ss.export_torque(made, "mumax3", current=1.0)
    assert found.value.field == "model"


def test_a_file_holds_the_text(tmp_path):
    text = ss.export_torque(planted(*TORQUES[0]), "oommf", current=1.0, path=tmp_path / "torque.mif")
    assert (tmp_path / "torque.mif").read_text(encoding="utf-8") == text


def test_cmtj_itself_moves_the_magnet_as_a_trace_does():
    cmtj = pytest.importorskip("cmtj", reason="cmtj (GPL) is installed by those who want this comparison")
    # its gyromagnetic ratio is fixed
    g = 220880 / VACUUM_PERMEABILITY * PLANCK_REDUCED / BOHR_MAGNETON
    hold = {"anisotropy_field": 0.1, "easy_axis": (0.6, 0.0, 0.8), "effective_magnetization": 0.3,
            "exchange_bias": 0.02, "bias_direction": "x"}  # fmt: skip
    made = planted(*TORQUES[2], **hold, g_factor=g)
    place, m, step, steps = {}, np.array([0.48, 0.6, 0.64]), 1e-13, 5000
    exec(ss.export_torque(made, "cmtj", current=1.0), place)
    junction = place["junction"](m)
    junction.runSimulation(step * steps, step, step, solverMode=cmtj.RK4)
    log = junction.getLog()
    theirs = np.array([log[f"Co_m{c}"] for c in "xyz"]).T
    ours = ss.trace(made, m, duration=step * steps, current=1.0, samples=51, step=step)["m"].values[:, 0]
    # its first entry is the state after one step
    pick = np.arange(100, steps, 100)
    assert np.abs(theirs[pick - 1] - ours[pick // 100]).max() < 2e-5
    assert np.abs(np.diff(ours, axis=0)).max() > 0.1
