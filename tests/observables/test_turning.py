"""Scans of an angle: what turns, what magnets do meanwhile, tilted axes, a current along y, contacts that are off."""

from functools import partial

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import spinstack as ss
from spinstack.measure.angles.plane_model import Turn, direction
from spinstack.observables.planes import Mounting, directions

nm = 1e-9
AXES = {"alpha": (0, 1), "beta": (1, 2), "gamma": (0, 2)}
ANGLES = np.array([0.0, 20.0, 90.0, 135.0, 200.0, 270.0, 340.0])
NIO = ss.WeissAntiferromagnet.of("NiO", density_of_states=4e46, exchange_coupling=2e-48)
PT = ss.Metal.of("Pt", thickness=4 * nm)
PT_NIO = PT | ss.MagneticInsulator("NiO", magnet=NIO)


def eus(**changes):
    return ss.WeissMagnet.of("EuS", density_of_states=4e46, exchange_coupling=2e-48, **changes)


def uneven(**changes):
    """A film whose four resistances are all different, with Hall effects, and that knows x from y."""
    theta = np.array([[0.0, -0.1], [0.15, 0.0], [0.04, 0.02]])
    metal = ss.Metal("N", thickness=3 * nm, conductivity=3e6, spin_diffusion_length=2 * nm, spin_hall_angle=theta,
                     hall_coefficient=2e-10)  # fmt: skip
    given = {"thickness": 2 * nm, "conductivity": 2e6, "polarization": 0.3, "spin_diffusion_length": 4 * nm,
             "dephasing_length": 1 * nm, "anomalous_hall_angle": 0.02, "amr_ratio": 0.03}  # fmt: skip
    return metal | ss.Ferromagnet("F", **(given | changes))


def pinned():
    """Another magnet P below the same film."""
    other = ss.Ferromagnet("P", thickness=1 * nm, conductivity=2e6, spin_diffusion_length=4 * nm,
                           anomalous_hall_angle=0.05)  # fmt: skip
    return other | ss.Metal("Cu", thickness=2 * nm, conductivity=1e7, spin_diffusion_length=100 * nm) | uneven()


# -- what turns


@pytest.mark.study
def test_a_neel_vector_finds_its_place_across_the_field_that_turns():
    """Negative spin Hall magnetoresistance: in alpha the sign is opposite to that of a magnetisation."""
    scan = ss.angular_scan(PT_NIO, angles=[0, 45, 90, 180, 270], field=10, T=300)
    assert scan.attrs["turns"] == "field"
    assert "Néel vector of NiO finds its place in B" in scan.attrs["magnets"]
    np.testing.assert_allclose(scan.B.sel(plane="gamma", angle=90), [0, 0, 10])
    alpha = scan.MR_xx.sel(plane="alpha").values
    np.testing.assert_allclose(alpha, [0, 1.3526e-5, 2.7052e-5, 0, 2.7052e-5], rtol=1e-3, atol=1e-12)
    # an easy plane across z: the Neel vector is along x in beta and along y in gamma, whatever the angle
    assert np.abs(scan.MR_xx.sel(plane=["beta", "gamma"])).max() < 1e-8
    for plane in AXES:
        assert ss.magnetoresistance(PT_NIO, plane, 10, T=300) == pytest.approx(
            float(scan.MR_xx.sel(plane=plane, angle=90)), rel=1e-9, abs=1e-15
        )
    assert ss.smr_gap(PT_NIO, [300.0], 10).ratio == pytest.approx(ss.magnetoresistance(PT_NIO, "beta", 10, T=300))


def test_where_the_field_turns_a_scan_is_made_of_solutions_in_that_field():
    film = PT | ss.MagneticInsulator("EuS", magnet=eus(anisotropy_field=-5.0))
    scan = ss.angular_scan(film, "gamma", [10, 40, 80, 200], field=2.0, T=5)
    for k, B in enumerate(scan.B.values):
        R = ss.sheet_resistance(film, B=B, T=5)
        found = [scan.R_xx[k], scan.R_xy[k], scan.R_yx[k], scan.R_yy[k]]
        np.testing.assert_allclose(found, [R[0, 0], R[1, 0], R[0, 1], R[1, 1]], rtol=1e-8, atol=1e-9)
    # it lags: in this plane it stays nearer to the film than its field
    m = eus(anisotropy_field=-5.0).equilibrium(scan.B.values, 5)
    assert (np.abs(m[:3, 2]) < np.abs(scan.B.values[:3, 2]) / 2 - 0.01).all()


def test_a_magnet_that_only_follows_may_be_said_to_turn_either_way():
    film = PT | ss.MagneticInsulator("EuS", magnet=eus())
    usual = ss.angular_scan(film, angles=ANGLES, field=1.0, T=5)
    assert usual.attrs["turns"] == "magnetisation"
    assert usual.attrs["magnets"] == "EuS turns, a field of 1 T turns with it"
    other = ss.angular_scan(film, angles=ANGLES, field=1.0, turns="field", T=5)
    assert other.attrs["magnets"] == "a field of 1 T turns, EuS along B"
    for name in ("R_xx", "R_xy", "G_yx", "MR_xx"):
        np.testing.assert_allclose(other[name], usual[name], rtol=1e-12, atol=1e-15)


def test_saturated_magnets_without_a_model_follow_the_field_that_turns():
    film = uneven()
    turns = ss.angular_scan(film, angles=ANGLES, field=0.7)
    along = ss.angular_scan(film, angles=ANGLES, field=0.7, turns="field", m="along B")
    kept = ss.angular_scan(film, angles=ANGLES, field=0.7, turns="field", m={"F": "z"})
    for name in ("R_xx", "R_xy", "R_yx", "MR_xx"):
        np.testing.assert_allclose(along[name], turns[name], rtol=1e-12)
    assert kept.attrs["magnets"] == "a field of 0.7 T turns, F stays along z"
    one = ss.sheet_resistance(film, m="z", B=0.7 * directions("beta", ANGLES))
    np.testing.assert_allclose(kept.R_xy.sel(plane="beta"), one[:, 1, 0], rtol=1e-12)


def test_a_named_magnet_keeps_its_direction_while_the_others_turn():
    film = pinned()
    scan = ss.angular_scan(film, "gamma", ANGLES, m={"P": (0, 1, 1)})
    assert scan.attrs["magnets"] == "P stays along (0, 1, 1), F turns"
    one = ss.sheet_resistance(film, m={"P": (0, 1, 1), "F": directions("gamma", ANGLES)})
    np.testing.assert_allclose(scan.R_xy, one[:, 1, 0], rtol=1e-12)


@pytest.mark.study
def test_a_field_scan_says_what_each_magnet_does():
    film = PT_NIO | uneven()
    scan = ss.field_scan(film, [1.0, 2.0], "x", m={"F": "along B"}, T=300)
    assert scan.attrs["magnets"] == "Néel vector of NiO finds its place in B, F along B"
    kept = ss.field_scan(film, [1.0, 2.0], "z", m={"F": "y", "NiO": (1, 0, 0)}, T=300)
    assert kept.attrs["magnets"] == "NiO stays along x, F stays along y"
    assert "magnets" not in ss.field_scan(PT | ss.Vacuum(), [1.0, 2.0], "z").attrs


BOTH = PT_NIO | uneven()
REFUSED = {
    "a Neel vector cannot be held": (lambda: ss.angular_scan(PT_NIO, field=1, turns="magnetisation", T=300),
        "turns: got 'magnetisation', but NiO cannot be held"),
    "nor without a field": (lambda: ss.angular_scan(PT_NIO, T=300), "field: got 0.0, in which nothing turns: NiO"),
    "nor in two points": (lambda: ss.magnetoresistance(PT_NIO, "beta", T=300),
        "field: got 0.0, in which nothing turns"),
    "nor in a gap": (lambda: ss.smr_gap(PT_NIO, [300.0]), "field: got 0.0, in which nothing turns"),
    "nor in a spin current": (lambda: ss.spin_current_mr_ratio(PT_NIO, T=300), "NiO cannot be held"),
    "nor an anisotropy": (lambda: ss.angular_scan(PT | ss.MagneticInsulator("EuS", magnet=eus(anisotropy_field=1.0)),
        field=1, turns="magnetisation", T=5), "but EuS cannot be held"),
    "a magnet without a direction": (lambda: ss.angular_scan(BOTH, field=1, T=300),
        "m: missing, but the film has magnets (F)"),
    "the field is zero": (lambda: ss.angular_scan(uneven(), turns="field", m="along B"), "field: got 0.0"),
    "no magnet is left": (lambda: ss.angular_scan(uneven(), m={"F": "z"}), "beside which no magnet is left that turns"),
    "no magnet at all": (lambda: ss.angular_scan(PT, turns="magnetisation"), "but the film has no magnet"),
    "all are held": (lambda: ss.angular_scan(uneven(), m="z"), "beside which no magnet is left that turns"),
    "no such thing turns": (lambda: ss.angular_scan(uneven(), turns="m"), "turns: got 'm'"),
    "no such current": (lambda: ss.angular_scan(uneven(), current="z"), "current: got 'z'"),
    "a tilt too large": (lambda: ss.angular_scan(uneven(), tilt=91), "tilt: got 91"),
    "contacts not a number": (lambda: ss.angular_scan(uneven(), contact_angle="1 deg"), "contact_angle: got '1 deg'"),
    "saturated without a field": (lambda: ss.sheet_resistance(uneven(), m="along B"),
        "m: got 'along B', where there is no field"),
    "saturated somewhere without": (lambda: ss.sheet_resistance(uneven(), m={"F": "along B"}, B=[(0, 0, 1), (0, 0, 0)]),
        "m['F']: got 'along B', where there is no field"),
    "never saturated": (lambda: ss.sheet_resistance(PT_NIO, m="along B", B=(0, 0, 1), T=300),
        "NiO is not along B in any field"),
    "never saturated on a path": (lambda: ss.field_scan(BOTH, [-1.0, 0.0, 1.0], "z", m="along B", T=300),
        "NiO is not along B in any field"),
    "a scan without a direction": (lambda: ss.field_scan(uneven(), [1.0], "z"), 'm="along B" where they follow'),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_turn_is_refused(name):
    call, words = REFUSED[name]
    with pytest.raises(ss.ParameterError) as error:
        call()
    assert words in str(error.value)


# -- how the film is mounted


@pytest.mark.parametrize("plane", AXES)
@pytest.mark.parametrize(("polar", "azimuth"), [(5.0, 0.0), (-7.0, 30.0), (40.0, 110.0), (90.0, -20.0)])
def test_a_tilt_turns_the_whole_rotation_about_the_line_across_its_lean(plane, polar, azimuth):
    first, second = np.eye(3)[list(AXES[plane])]
    axis = np.cross(first, second)
    lean = np.cos(np.radians(azimuth)) * first + np.sin(np.radians(azimuth)) * second
    tilted_axis = np.cos(np.radians(polar)) * axis + np.sin(np.radians(polar)) * lean
    rotation = Rotation.from_rotvec(np.radians(polar) * np.cross(axis, lean))
    u = directions(plane, ANGLES, Mounting(tilt=polar, tilt_azimuth=azimuth))
    np.testing.assert_allclose(rotation.apply(axis), tilted_axis, atol=1e-15)
    turned = [Rotation.from_rotvec(np.radians(a) * tilted_axis).apply(rotation.apply(first)) for a in ANGLES]
    np.testing.assert_allclose(u, turned, atol=1e-15)
    # seen from the rotator, the film and not the axis is tilted
    scan = ss.angular_scan(uneven(), plane, ANGLES, tilt=polar, tilt_azimuth=azimuth)
    R = ss.sheet_resistance(uneven(), m=rotation.apply(directions(plane, ANGLES)))
    for name, value in {"R_xx": R[:, 0, 0], "R_xy": R[:, 1, 0], "R_yx": R[:, 0, 1], "R_yy": R[:, 1, 1]}.items():
        np.testing.assert_allclose(scan[name], value, rtol=1e-11)


def test_a_tilted_alpha_plane_lets_the_anomalous_hall_effect_in():
    sigma, t, theta = 4e6, 6 * nm, 0.02
    film = ss.Film((ss.Ferromagnet("F", thickness=t, conductivity=sigma, spin_diffusion_length=5 * nm,
                                   anomalous_hall_angle=theta),))  # fmt: skip
    scan = ss.angular_scan(film, "alpha", ANGLES, tilt=3, tilt_azimuth=50)
    np.testing.assert_allclose(
        scan.R_xy * sigma * t, -theta * np.sin(np.radians(3)) * np.cos(np.radians(ANGLES - 50)), rtol=1e-9, atol=1e-15
    )
    assert scan.attrs["setup"] == "rotation axis tilted by 3° towards 50° of the plane"


@pytest.mark.parametrize("plane", ["alpha", "beta"])
def test_a_tilted_plane_is_the_one_that_fits_of_measured_scans_call_so(plane):
    """Rises of the field at the axes of the plane, `tilt1` and `tilt2`, are minus the lean of its axis there."""
    polar, azimuth = 4.0, 35.0
    rises = {f"{plane}.tilt{i + 1}": -np.degrees(np.arctan(np.tan(np.radians(polar)) * f(np.radians(azimuth))))
             for i, f in enumerate((np.cos, np.sin))}  # fmt: skip
    turn = Turn(plane, ANGLES, ANGLES, ANGLES, 1.0, None)
    fitted = direction(turn, {f"{plane}.rate": 1.0, f"{plane}.zero": 0.0, **rises})
    u = directions(plane, ANGLES, Mounting(tilt=polar, tilt_azimuth=azimuth))
    normal = np.cross(u[0], u[1])
    np.testing.assert_allclose(fitted @ normal, 0, atol=1e-15)
    # along the same line, up to how a plane that leans is marked in degrees: second order in the tilt
    assert np.degrees(np.arccos(np.clip((fitted * u).sum(-1), -1, 1))).max() < np.degrees(np.radians(polar) ** 2 / 2)


def test_planes_of_a_current_along_y_are_those_of_the_film_turned_by_a_right_angle():
    """Film, current and planes turned by 90 degrees about z are the same experiment."""
    quarter = Rotation.from_rotvec([0, 0, np.pi / 2]).as_matrix()
    film = uneven()
    theta = quarter @ np.asarray(film.get("N.spin_hall_angle")) @ quarter[:2, :2].T
    turned = film.replace({"N.spin_hall_angle": theta})
    one = ss.angular_scan(film, angles=ANGLES, field=0.5, tilt=6, tilt_azimuth=25)
    other = ss.angular_scan(turned, angles=ANGLES, field=0.5, current="y", tilt=6, tilt_azimuth=25)
    np.testing.assert_allclose(other.m, one.m.values @ quarter.T, atol=1e-15)
    assert list(other.sense.values) == ["y to -x", "-x to z", "y to z"]
    np.testing.assert_allclose(other.R_yy, one.R_xx, rtol=1e-12)
    np.testing.assert_allclose(other.R_yx, -one.R_xy, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(other.MR_yy, one.MR_xx, rtol=1e-8, atol=1e-14)
    assert "MR_xx" not in other
    assert other.attrs["setup"].startswith("current along y, rotation axis tilted by 6°")
    assert ss.magnetoresistance(turned, "gamma", current="y") == pytest.approx(ss.magnetoresistance(film, "gamma"))
    assert ss.magnetoresistance(film, "gamma", current="y") != pytest.approx(
        ss.magnetoresistance(film, "gamma"), rel=1e-3
    )


def test_contacts_that_are_turned_mix_the_two_voltages():
    straight = ss.angular_scan(uneven(), "beta", ANGLES)
    scan = ss.angular_scan(uneven(), "beta", ANGLES, contact_angle=4.0)
    along = {"x": Rotation.from_rotvec([0, 0, np.radians(4.0)]).apply([1, 0, 0])[:2],
             "y": Rotation.from_rotvec([0, 0, np.radians(4.0)]).apply([0, 1, 0])[:2]}  # fmt: skip
    for current in "xy":
        field = np.array([straight[f"R_{current}x"], straight[f"R_{current}y"]])
        for contacts in "xy":
            np.testing.assert_allclose(scan[f"R_{current}{contacts}"], along[contacts] @ field, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(scan.MR_xx, scan.R_xx / scan.R_xx[0] - 1, atol=1e-14)
    np.testing.assert_array_equal(scan.G_xy, straight.G_xy)
    assert scan.attrs["setup"] == "voltage contacts turned by 4°"


@pytest.mark.study
@pytest.mark.parametrize("given", [
    {"field": 10.0, "T": 300.0},
    {"field": 10.0, "T": 300.0, "turns": "field", "tilt": 3.0, "current": "y", "contact_angle": 2.0},
], ids=["field", "mounted"])  # fmt: skip
def test_compiled_scans_of_a_field_that_turns_are_the_same(given):
    model = ss.compile(PT_NIO, ["Pt.thickness", "Pt.spin_hall_angle"], ss.angular_scan, angles=ANGLES, **given)
    scan = ss.angular_scan(PT_NIO, angles=ANGLES, **given)
    found = dict(zip([(o.variable, o.at["plane"], o.at["angle"]) for o in model.outputs], model(model.x0), strict=True))
    for name in scan.data_vars:
        for plane in AXES:
            want = scan[name].sel(plane=plane).values
            np.testing.assert_allclose([found[name, plane, a] for a in ANGLES], want, rtol=1e-9, atol=1e-12)


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("given", [
    {"tilt": 7.0, "tilt_azimuth": 20.0},
    {"m": {"P": "y"}},
    {"contact_angle": 3.0},
    {"turns": "field", "m": {"P": "y", "F": "along B"}},
    {"current": "y"},
], ids=["tilt", "held", "contacts", "field", "current"])  # fmt: skip
def test_compiled_scans_know_what_turns(given):
    film = pinned()
    angles = np.arange(0.0, 360.0, 5.0)
    model = ss.compile(film, ["F.thickness"], ss.angular_scan, plane="gamma", angles=angles, field=0.3, **given)
    scan = ss.angular_scan(film, "gamma", angles, 0.3, **given)
    found = model(model.x0).reshape(len(scan.data_vars), -1)
    for name, value in zip(dict.fromkeys(o.variable for o in model.outputs), found, strict=True):
        np.testing.assert_allclose(value, scan[name], rtol=1e-10, atol=1e-13, err_msg=str(name))


@pytest.mark.study
def test_derivatives_of_a_scan_in_a_field_that_turns_are_differences():
    path = "EuS.magnet.anisotropy_field"
    film = PT | ss.MagneticInsulator("EuS", magnet=eus(anisotropy_field=-2.0))
    given = {"plane": "beta", "angles": [30.0, 60.0], "field": 1.0, "T": 5.0}
    slope = ss.gradient(film, lambda one: ss.angular_scan.observable.array(one, **given)["R_xx"])[path]
    step = 1e-4
    up, down = (ss.angular_scan(film.replace({path: -2.0 + s}), **given).R_xx.values for s in (step, -step))
    np.testing.assert_allclose(slope, (up - down) / (2 * step), rtol=1e-4)
    assert np.abs(slope).min() > 0


def test_an_array_of_films_keeps_its_magnets_apart():
    film = PT | ss.MagneticInsulator("EuS", magnet=eus())
    path = "EuS.magnet.anisotropy_field"
    values = [0.0, -2.0]
    swept = ss.sweep(film, {path: values}, lambda f: ss.magnetoresistance(f, "beta", 1.0, T=5.0))
    for value, found in zip(values, swept["value"].values, strict=True):
        one = film.replace({path: value})
        assert found == pytest.approx(ss.magnetoresistance(one, "beta", 1.0, T=5.0), rel=1e-9)


@pytest.mark.study
@pytest.mark.parametrize(("film", "path", "given"), [
    (pinned(), "P.thickness", {"m": {"P": (0, 1, 1)}, "tilt": 5.0}),
    (PT_NIO, "Pt.thickness", {"field": 10.0, "T": 300.0}),
], ids=["held", "field"])  # fmt: skip
def test_a_sweep_of_scans_is_made_of_scans(film, path, given):
    values = [1e-9, 3e-9]
    swept = ss.sweep(film, {path: values}, partial(ss.angular_scan, plane=["beta", "alpha"], angles=ANGLES, **given))
    for i, value in enumerate(values):
        one = ss.angular_scan(film.replace({path: value}), ["beta", "alpha"], ANGLES, **given)
        for name in ("R_xx", "R_xy", "MR_xx"):
            np.testing.assert_allclose(swept[name][i], one[name], rtol=1e-10, atol=1e-13)
    assert swept.attrs["magnets"] == one.attrs["magnets"]
