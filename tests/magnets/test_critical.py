"""Critical currents against closed forms, and their derivatives against critical currents of other films."""

import numpy as np
import pytest
from magnet_tables import model, slonczewski
from moving_films import pt_co

import spinstack as ss
from spinstack.magnets import critical_current
from spinstack.text.errors import ParameterError

Y = (0.0, 1.0, 0.0)
B_K = 0.4


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("h", [1e-3, 0.05, 0.2, 0.5, 0.8])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_perpendicular_magnet_leaves_where_its_place_ends(h, sign):
    made = model(slonczewski(Y), anisotropy_field=B_K, easy_axis="z")
    found = critical_current(made, "fold", B=(h * B_K, 0, 0), sign=sign, m=(h, 0, -sign))
    s = (h + np.sqrt(h**2 + 8)) / 4
    assert found.value == pytest.approx(sign * B_K * np.sqrt(1 - s**2) * (s - h), rel=1e-12)
    assert abs(found.m[0, 0]) == pytest.approx(s, rel=1e-6)
    assert found.stable


def test_nothing_ends_where_the_current_holds_the_magnet():
    made = model(slonczewski((0, 0, 1.0)), anisotropy_field=B_K, easy_axis="z")
    for kind in ("fold", "instability"):
        with pytest.raises(ParameterError, match="none up to"):
            critical_current(made, kind, sign=1, m="z", most=0.5)


@pytest.mark.parametrize(("damping", "ratio"), [(0.005, 0.0), (0.02, 0.5), (0.02, -0.8), (0.3, 0.0), (0.3, -0.8)])
def test_a_magnet_along_the_polarisation_is_unstable_where_damping_is_made_good(damping, ratio):
    """a (1 + alpha r) = alpha (B_1 + B_2)/2, exactly in alpha."""
    along, out = 0.02, 0.8
    made = model(
        slonczewski(Y, 1.0, ratio), damping=damping, anisotropy_field=along, easy_axis="y", effective_magnetization=out
    )
    found = critical_current(made, "instability", sign=-1, m="y", most=2.0)
    # the field-like part is a field along y, here against m
    stiff = (2 * along + out) / 2
    assert found.value == pytest.approx(-damping * stiff / (1 + damping * ratio), rel=1e-9)
    assert found.frequency > 1e9


def test_a_field_like_torque_turns_a_magnet_without_precession():
    """Beyond the easy axis' own field it pushes the magnet over, before damping is made good."""
    made = model(
        slonczewski(Y, 0.1, 0.5), damping=0.3, anisotropy_field=0.02, easy_axis="y", effective_magnetization=0.8
    )
    found = critical_current(made, "instability", sign=-1, m="y", most=2.0)
    # B_1 B_2 + a^2 = 0 with B_1 = 0.02 + f, B_2 = 0.82 + f
    k = -float(found.value)
    assert (0.02 - 0.5 * k) * (0.82 - 0.5 * k) + (0.1 * k) ** 2 == pytest.approx(0.0, abs=1e-9)
    assert found.frequency == 0


def test_no_instability_is_told_where_the_place_ends_before():
    made = model(slonczewski(Y), anisotropy_field=B_K, easy_axis="z", damping=0.3)
    with pytest.raises(ParameterError, match="a fold"):
        critical_current(made, "instability", B=(0.08, 0, 0), sign=-1, m=(0.2, 0, 1))


@pytest.mark.study
def test_a_sudden_pulse_switches_below_the_fold():
    """0.83, 0.80, 0.80 of the fold at damping 0.05 (numbers of an integration of our own elsewhere)."""
    for h, part in ((0.01, 0.83), (0.25, 0.80), (0.5, 0.80)):
        made = model(slonczewski(Y), anisotropy_field=B_K, easy_axis="z", damping=0.05)
        kw = {"B": (h * B_K, 0, 0), "sign": -1, "m": (h, 0, 1)}
        fold = critical_current(made, "fold", **kw).value
        pulse = ss.Pulse(current=0.0, plateau=20e-9)
        found = critical_current(made, "switching", pulse=pulse, most=1.2 * abs(fold), **kw)
        assert found.value / fold == pytest.approx(part, abs=0.02)


def pulsed():
    return {"pulse": ss.Pulse(current=0.0, plateau=1e-9, rise=1e-10), "most": 1.5e5, "step": 2.5e-13}


CASES = {
    "fold": {"B": (0.1, 0, 0), "sign": 1, "m": (0.2, 0, 1)},
    "instability": {"B": (0.3, 0.1, 0.1), "sign": 1, "m": "z"},
    "switching": {"B": (0.1, 0, 0), "sign": 1, "m": (0.2, 0, 1), **pulsed()},
}
FILM = ("Pt.spin_hall_angle", "Pt.thickness", "Co.thickness", "Pt|Co.mixing_conductance.imag", "Co.conductivity")
MAGNET = ("magnetization", "damping", "surface_anisotropy", "g_factor")


@pytest.mark.study
@pytest.mark.parametrize("kind", CASES)
def test_derivatives_of_critical_currents(kind):
    """The film once more with each parameter moved: the same current, found anew."""
    # damped so that one current parts the two valleys: with less, both alternate in stripes of 1e-7 of it
    strong = {"damping": 0.2} if kind == "switching" else {}
    made = pt_co(**strong)
    found = critical_current(made, kind, **CASES[kind])
    gradient = found.gradient()
    step = 1e-5 if kind == "switching" else 1e-4

    def moved(path, by):
        owner, name = path.split(".", 1)
        if owner == "Co" and name in MAGNET:
            value = getattr(made.magnets[0], name)
            return value, pt_co(**strong | {name: value * (1 + by)})
        real = path.removesuffix(".imag")
        value = made.film.get(real)
        if path.endswith(".imag"):
            return value.imag, pt_co(made.film.replace({real: complex(value.real, value.imag * (1 + by))}), **strong)
        return value, pt_co(made.film.replace({real: value * (1 + by)}), **strong)

    for path in (*FILM, *(f"Co.{name}" for name in MAGNET)):
        value, _ = moved(path, 0.0)
        ends = [critical_current(moved(path, sign * step)[1], kind, **CASES[kind]).value for sign in (1, -1)]
        difference = (ends[0] - ends[1]) / (2 * step)
        assert gradient[path] * value == pytest.approx(difference, rel=1e-6, abs=1e-6 * abs(found.value)), path


@pytest.mark.study
def test_derivatives_that_are_asked_by_path():
    found = critical_current(pt_co(), "fold", **CASES["fold"])
    (path, value), = found.gradient("Co.damping").items()  # fmt: skip
    assert (path, value) == ("Co.damping", pytest.approx(0.0, abs=1e-6))
    with pytest.raises(ParameterError, match=r"Co\.dampin"):
        found.gradient("Co.dampin")


def test_what_a_critical_current_needs():
    made = model(slonczewski(Y), anisotropy_field=B_K, easy_axis="z")
    cases = {
        "kind": {"kind": "linear"},
        "sign": {"kind": "fold", "sign": 2},
        "B": {"kind": "fold", "B": [(0, 0, 1), (0, 0, 2)]},
        "pulse": {"kind": "switching"},
        "most": {"kind": "fold", "most": -1.0},
        "m": {"kind": "fold"},
    }
    for field, given in cases.items():
        with pytest.raises(ParameterError, match=rf"^{field}\b"):
            critical_current(made, **{"m": "z", **given} if field != "m" else given)
    with pytest.raises(ParameterError, match="does not depend on"):
        critical_current(made, "fold", m="z", pulse=pulsed()["pulse"])


def test_heat_at_the_critical_current_is_what_the_field_does_on_the_currents():
    made = pt_co()
    found = critical_current(made, "fold", **CASES["fold"])
    R = made.film
    total = ss.sheet_resistance(R, m=found.m[0])[0, 0] * found.value**2
    assert float(found.heat.sum()) == pytest.approx(total, rel=1e-5)
    assert list(found.heat["element"].values) == ["Pt", "Pt|Co", "Co"]


@pytest.mark.study
def test_an_insulator_on_a_metal_is_driven_by_the_spin_hall_current_and_its_derivatives_are_those_of_the_film():
    """K = -alpha (B1 + B2)/2 2e M t/(hbar theta (1 - sech) G/(G + X)) sigma d, with X = sigma tanh/(2 lambda).

    The metal is above: of a positive spin Hall angle, a negative current drives a magnet along +y.
    """
    sigma, theta, length, d, Ms, t, Meff, B, damping, G = 3e6, 0.1, 1.5e-9, 5e-9, 1.4e5, 1e-8, 0.17, 0.05, 1e-3, 2e14

    def critical(G):
        film = ss.MagneticInsulator("YIG", mixing_conductance=G) | ss.Metal(
            "Pt", thickness=d, conductivity=sigma, spin_diffusion_length=length, spin_hall_angle=theta
        )
        magnet = ss.Macrospin("YIG", magnetization=Ms, thickness=t, damping=damping, effective_magnetization=Meff)
        made = ss.MagneticModel(film, [magnet], oersted=False)
        return critical_current(made, "instability", B=(0, B, 0), m="y", sign=-1)

    x, found = d / length, critical(G)
    per_field = theta * sigma * (1 - 1 / np.cosh(x)) * G / (G + sigma * np.tanh(x) / (2 * length))
    hbar, e = 1.054571817e-34, 1.602176634e-19
    expected = damping * (2 * B + Meff) / 2 * Ms * t * 2 * e / hbar / per_field * sigma * d
    # the resistance falls by theta squared where spin leaves
    assert found.value == pytest.approx(-expected, rel=2 * theta**2)
    slope = (critical(G * 1.0001).value - critical(G * 0.9999).value) / 2e-4
    assert found.gradient()["YIG.mixing_conductance.real"] * G == pytest.approx(slope, rel=1e-6)
