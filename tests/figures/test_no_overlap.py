"""Whatever the data, no text of a figure covers another one or leaves the page, and no legend lies on the data."""

from itertools import combinations

import moving_results
import numpy as np
import pytest
import xarray as xr
from control_films import hall, magnet, planes
from lockin_files import Resonator, rotations, some_bench
from lockin_files import sweeps as low_fields
from magnet_results import contributions, face, gap, regimes
from magnet_results import scan as field_scan
from pages import outside, texts
from studies import mostly_studies

import spinstack as ss
from spinstack import figures, interfaces, torques
from spinstack.figures import scattering
from spinstack.figures.finding import figure as figure_of
from spinstack.measure import angles, spin_torque, superlattice, sweeps
from spinstack.measure.control import explain_control
from spinstack.measure.measurement import measurement
from spinstack.observables.registry import observables

NM = 1e-9
SEEDS = mostly_studies(range(2), [1])
#: functions of the package that draw nothing
OTHERS = {"save", "inline"}


def size(rng):
    return 10.0 ** rng.uniform(-9, 6)


def films(rng):
    name = rng.choice(["Pt", "Fe3O4", "a metal with a long name", "N2"])
    metal = ss.Metal(name, thickness=rng.uniform(0.3, 80) * NM, conductivity=5e6, spin_diffusion_length=2 * NM)
    joint = ss.Interface(conductance_up=4e14, conductance_down=2e14, mixing_conductance=6e14)
    magnet = ss.Ferromagnet("CoFeB", thickness=rng.uniform(0.3, 9) * NM, conductivity=4e6, spin_diffusion_length=8 * NM)
    name, area = rng.choice(["MgO", "a barrier with a name of its own"]), 10 ** rng.uniform(-15, -8)
    barrier = ss.TunnelJunction(name, resistance_area_product=area, polarization=0.5)
    valve = joint | magnet | barrier | magnet
    return (metal | joint | magnet | joint) * int(rng.integers(1, 9)) | metal | valve | ss.Vacuum()


def angular_scan(rng):
    angle = np.linspace(0, rng.choice([90.0, 180.0, 360.0]), int(rng.integers(5, 90)))
    turn, planes = np.deg2rad(angle), ["alpha", "beta", "gamma"][: rng.integers(1, 4)]
    R = size(rng) * (1 + size(rng) * 1e-6 * np.stack([k * np.sin(turn) ** 2 for k in range(len(planes))]))
    values, dims = {"R_xx": R, "R_xy": 0.1 * R, "MR_xx": R / R[:, :1] - 1}, ("plane", "angle")
    return xr.Dataset(
        {n: (dims, v) for n, v in values.items()},
        coords={"angle": ("angle", angle, {"units": "deg"}), "plane": planes}, attrs={"title": "RuO2/Py"},
    )  # fmt: skip


def swept(rng, ndim):
    names = [("Pt.thickness", "m", 1e-9), ("Pt|CoFeB.mixing_conductance.real", "S/m^2", 1e14), ("turn", "deg", 30.0)]
    picked = [names[i] for i in rng.permutation(3)[:ndim]]
    coords = {n: (n, rng.uniform(0.1, 5) * f * np.linspace(1, 12, 13), {"units": u}) for n, u, f in picked}
    values = rng.choice([-1, 0, 80_000]) + size(rng) * rng.normal(size=(13,) * ndim)
    unit = str(rng.choice(["Ohm", "1", "deg", "A/m^2"]))
    return xr.DataArray(
        values, coords, [n for n, *_ in picked], str(rng.choice(["magnetoresistance", "R_xx"])), {"units": unit}
    )


def family(rng):
    return swept(rng, 2)[:, : rng.integers(2, 14)]


def torque(rng):
    angle = np.linspace(0, 360, 25)
    values = size(rng) * rng.normal(size=(25, 3))
    magnets = dict.fromkeys(("Co", "Fe3O4")[: rng.integers(1, 3)], (("angle", "component"), values, {"units": "N/m"}))
    return xr.Dataset(magnets, {"angle": angle, "component": list("xyz")})


def rashba(rng):
    alpha, delta = (rng.choice([-1, 1]) * 10 ** rng.uniform(*ends) * 1.6e-19 for ends in ((-11, -9.8), (-2, 0)))
    mass = 9.1e-31 * 10 ** rng.uniform(-1, 1)
    own = abs(delta) + mass * (alpha / 1.05e-34) ** 2
    return ss.rashba_2d(alpha, delta, own * rng.uniform(-0.3, 3), 10 ** rng.uniform(-15, -12), rng.normal(size=3), mass)


def interface_library(rng):
    known = {}
    for name in ["Co|Pt", "Co90Fe10|Cu", "a metal with a long name|Fe3O4", "Ni|Ru"][: rng.integers(1, 5)]:
        value = float(10 ** rng.uniform(13, 17))
        plus = rng.choice([0.1 * value, np.inf])
        known[name] = {
            "conductance_up": interfaces.Derived("conductance_up", value, plus, 0.2 * value, "S/m^2", 4.2, ()),
            "conductance_down": interfaces.Derived("conductance_down", value / 7, None, None, "S/m^2", 4.2, ()),
            "spin_memory_loss": interfaces.Derived("spin_memory_loss", rng.uniform(0, 3), 0.1, 0.2, "1", 4.2, ()),
        }
    return known


def law_values(rng):
    """Few or many quantities of several layers, of any size."""
    T = np.linspace(2, 300, int(rng.integers(2, 40)))
    kinds = [("conductivity", "S/m"), ("spin_diffusion_length", "m"), ("polarization", "1"), ("filtering", "S/m")]
    owners = ["Pt", "a metal with a long name", "CoFeB|Fe3O4"][: rng.integers(1, 4)]
    return xr.Dataset(
        {f"{o}.{k}": ("temperature", size(rng) * rng.uniform(0.5, 1, T.size), {"units": u, "long_name": k})
         for o in owners for k, u in kinds[: rng.integers(1, 5)]},
        coords={"temperature": T}, attrs={"title": "RuO2/Py"},
    )  # fmt: skip


def profile(rng):
    count = int(rng.integers(1, 30))
    thickness = rng.uniform(0.2, 10, count) * NM
    z = np.concatenate([thickness[:k].sum() + np.linspace(0, t, 5) for k, t in enumerate(thickness)])
    names = np.repeat([str(rng.choice(["Pt", "CoFeB", "Fe3O4"])) + f"[{k}]" for k in range(count)], 5)
    values = size(rng) * rng.normal(size=(z.size, 3))
    return xr.Dataset(
        {"mu": (("z", "spin"), values, {"units": "V"}), "Q": (("z", "spin"), values, {"units": "A/m^2"})},
        coords={"z": z, "layer": ("z", names), "spin": list("xyz")},
    )


def temperatures(rng):
    return [2.0, 5.0, 10.0, 50.0, 300.0][: rng.integers(1, 6)]


def field(rng, make=field_scan):
    T, directions = temperatures(rng), ["x", "y", "z"][: rng.integers(1, 4)]
    return make(T if len(T) > 1 else None, directions)


def temperature_scan(rng):
    data = field_scan(np.linspace(2, 300, 31), ["y", "z"], own=True).isel(field=-1, drop=True)
    return gap() if rng.random() < 0.5 else data.drop_vars("B")


def faces(rng):
    return face(T=temperatures(rng), sublattices=int(rng.integers(1, 3)), scales=[5e13, rng.uniform(4e13, 5e14)])


def theories(rng):
    x = rng.uniform(0.5, 3) * NM * np.linspace(1, 9, 7)
    R = 80_000 * (1 + size(rng) * 1e-7 * rng.normal(size=(2, 7)))
    coords = {
        "theory": ["drift-diffusion", "Boltzmann, rtol = 0.01"],
        "Pt.thickness": ("Pt.thickness", x, {"units": "m"}),
    }
    dims = ("theory", "Pt.thickness")
    return xr.Dataset({"R": (dims, R, {"units": "Ohm"}), "R_difference": ("Pt.thickness", R[1] / R[0] - 1)}, coords,
                      {"sweep": "Pt.thickness"})  # fmt: skip


def currents(rng):
    count = int(rng.integers(1, 130))
    values = size(rng) * rng.normal(size=(count, 2))
    coords = {"element": [f"Fe3O4[{k}]|CoFeB" for k in range(count)], "component": ["x", "y"]}
    return xr.Dataset({"sheet_current": (("element", "component"), values, {"units": "A/m"})}, coords)


def efficiency(rng):
    names = ["Fe3O4", "CoFeB", "Py[0]", "Py[1]", "Ni80Fe20"][: rng.integers(1, 6)]
    count = len(names)
    return xr.Dataset(
        {"per_current_density": (("magnet", "torque"), size(rng) * rng.normal(size=(count, 2)), {"reference": "Pt"}),
         "oersted_field": ("magnet", size(rng) * rng.normal(size=count)),
         "effective_field": (("ferromagnet", "torque"), size(rng) * rng.normal(size=(count, 2)))},
        {"magnet": names, "ferromagnet": names, "torque": ["damping_like", "field_like"]}, {"E_V_per_m": [1.0, 0.0]},
    )  # fmt: skip


def damping(rng):
    names = ["Fe3O4", "CoFeB", "Py[0]", "Py[1]", "Ni80Fe20"][: rng.integers(1, 6)]
    count = len(names)
    variables = {
        "effective_mixing_conductance": ("magnet", size(rng) * rng.uniform(0, 1, count)),
        "bulk_conductance": (("magnet", "component", "of_component"), size(rng) * rng.uniform(0, 1, (count, 3, 3))),
        "damping_conductance": (("magnet", "component", "of_magnet", "of_component"),
                                size(rng) * rng.normal(size=(count, 3, count, 3))),
    }  # fmt: skip
    if rng.random() < 0.5:
        variables |= {n: ("moment", rng.uniform(0, 0.02, count)) for n in ("mean_enhancement", "damping")}
    return xr.Dataset(variables, {"magnet": names, "of_magnet": names, "moment": names})


def sphere(rng):
    m = rng.normal(size=(60, 3))
    m /= np.linalg.norm(m, axis=-1, keepdims=True)
    data = torques.torque_data(m, size(rng) * 1e-9 * np.cross(m, [0.0, 1.0, 0.2]))
    return dict.fromkeys(("computed", "Fe3O4")[: rng.integers(1, 3)], data)


def barrier(rng):
    return ss.DeltaBarrier(
        barrier=rng.uniform(0.1, 2), exchange=rng.uniform(0.05, 1), rashba=rng.uniform(0.05, 1), fermi_wavevector=1e10
    )


def turns(rng, plane=None):
    """Angle scans with their fits: of three planes, or of one plane at several temperatures."""
    kelvin = np.geomspace(2, 300, int(rng.choice([1, 3, 40])))
    members = (
        {f"file {T:g}": (plane, T) for T in kelvin} if plane else {p: (p, 10.0) for p in ("alpha", "beta", "gamma")}
    )
    scans, amplitude, rows = {}, size(rng) * 1e-4, int(rng.choice([19, 37, 240]))
    for key, (name, T) in members.items():
        angle = np.linspace(0, 360, rows)
        R = (
            1700
            * (1 + amplitude / (1 + T / 100) * np.cos(2 * np.deg2rad(angle - 20 - T)))
            * (1 + 1e-6 * rng.normal(size=rows))
        )
        scans[key] = measurement(
            {"R_xx": R}, {"angle": angle, "temperature": T, "time": np.arange(rows) * 0.5}, {"plane": name}
        )
    return scans, {key: angles.fit_harmonics(one, orders=(1, 2), drift_degree=1) for key, one in scans.items()}


def branches(rng, count):
    B = rng.uniform(0.5, 5) * np.linspace(-1, 1, count)
    return np.concatenate([B, B[::-1]]), np.repeat([1, -1], count)


def loop(rng):
    B, side = branches(rng, int(rng.choice([24, 60, 200])))
    reach, amplitude = B.max(), size(rng)
    y = amplitude * (
        np.tanh((B - 0.2 * reach * side) / (0.05 * reach)) + 0.1 * B / reach + 0.003 * rng.normal(size=B.size)
    )
    data = measurement({"R_xy": y}, {"field": B})
    kind = rng.integers(4)
    if kind == 3:
        return data, sweeps.hall_slope(data, above=0.6 * reach)
    return data, sweeps.anomalous_hall_loop(data, method=("branches", "tanh", "erf")[kind])


def butterfly(rng):
    B, side = branches(rng, 120)
    reach = B.max()
    R = (
        10
        * size(rng)
        * (1 + 2e-4 * np.exp(-(((B - 0.2 * reach * side) / (0.1 * reach)) ** 2)) + 3e-6 * rng.normal(size=B.size))
    )
    data = measurement({"R_xx": R}, {"field": B})
    return data, sweeps.butterfly(data)


def moments(rng):
    T = np.linspace(2, 300, int(rng.choice([30, 120])))
    data = measurement(
        {"moment": size(rng) * (1 / (T + 30) + 1e-5 * rng.normal(size=T.size))}, {"temperature": T, "field": 0.1}
    )
    return data, sweeps.curie_weiss(data, (100.0, 300.0))


def critical(rng):
    T = np.linspace(2, 300, 80)
    data = measurement(
        {"moment": size(rng) * (np.clip(1 - T / 120, 0, None) ** 0.4 + 0.01 * rng.normal(size=T.size))},
        {"temperature": T},
    )
    return data, sweeps.critical_temperature(data, "tangent", baseline=(150, 290))


def table(rng):
    _, fits = turns(rng, "beta")
    return angles.amplitude_table(fits.values(), against="temperature")


def control(rng):
    layers = [magnet(t * NM) for t in rng.choice([2.0, 4.0, 7.5], int(rng.integers(1, 4)), replace=False)]
    found = [one(layer, 1e-3, rng) for layer in layers for one in (planes, hall)]
    return explain_control(found, "ferromagnet")


def cleaned(rng):
    scans, _ = turns(rng)
    return scans["alpha"], scans["alpha"].isel(point=slice(2, None))


def contacts(rng):
    names = ["R_12_43", "R_34_21", "R_23_14", "R_41_32", "R_21_34", "R_14_23"][: int(rng.choice([2, 4, 6]))]
    names += ["R_23_14"] * ("R_23_14" not in names)
    R, rows, found = size(rng), int(rng.choice([1, 8])), {}
    for T in rng.uniform(2, 300, int(rng.choice([1, 5]))):
        scale = R * (1 + T / 300) * np.array([1.0, 0.4])
        values = {n: scale[int("12" in n or "21" in n)] * (1 + 1e-3 * rng.normal(size=rows)) for n in names}
        found[f"{T:.3g}K"] = sweeps.van_der_pauw(measurement(values, {"temperature": T}))
    return {}, found


def lengths(rng):
    gaps, width = rng.uniform(1e-6, 2e-4) * np.sort(rng.uniform(0.2, 3, 5)), rng.uniform(1e-6, 1e-4)
    R = size(rng) * (rng.uniform(-0.05, 0.5) + gaps / gaps.max() + 0.01 * rng.normal(size=5))
    bars = [measurement({"R_xx": [r]}, {}, {"bar_length": g, "bar_width": width}) for r, g in zip(R, gaps, strict=True)]
    return {}, sweeps.transfer_length(bars)


def both_harmonics(rng):
    size, rms = 10.0 ** rng.uniform(-3, 3), {"voltages": "rms", "currents": "rms"}
    if rng.random() < 0.5:
        bench = some_bench(rng, noise=(size * 1e-9, size * 1e-9), peak=size * 1e-3)
        data = bench.measured(*rotations(np.geomspace(0.06, 2.5, int(rng.integers(5, 12))), 15.0))
        given = {"anomalous_hall": bench.A, "effective_magnetization": bench.Meff}
        return data, spin_torque.harmonic_hall_rotation(data, **given, **rms)
    bench = some_bench(rng, A=1.0, Bk=10.0 ** rng.uniform(-1, 1), Meff=0.0, nernst=0.0, zero=0.0, peak=size * 1e-3)
    data = low_fields(bench.changed(damping_like=1e-3 * bench.Bk, field_like=1e-3 * bench.Bk))
    return {}, spin_torque.harmonic_hall_low_field(data, planar_hall=0.1, anomalous_hall_sign="positive", **rms)


def resonance(rng):
    bench = Resonator(noise=10.0 ** rng.uniform(-11, -8), current=10.0 ** rng.uniform(-3, -1))
    f = np.linspace(4e9, 10e9, int(rng.integers(3, 11)))
    data = [bench.measured(one, 40.0, np.linspace(0.004, 0.35, 50), seed=int(one)) for one in f]
    return {}, spin_torque.st_fmr(data)


def lines(rng):
    """Of loops that a current shifts, of switching currents, or of thicknesses."""
    kind, count = rng.integers(3), int(rng.integers(3, 12))
    y, error = size(rng) * (1 + 0.3 * rng.normal(size=count)), size(rng)
    if kind == 0:
        fields = np.linspace(-1, 1, count) * 10.0 ** rng.uniform(-3, 0)
        current = np.tile([-1.0, 1.0], count) * 10.0 ** rng.uniform(-6, -1)
        loop = {"loop_current": current, "loop_in_plane_field": np.repeat(fields, 2),
                "middle": np.repeat(y, 2) * current, "middle_error": np.abs(0.1 * np.repeat(y, 2) * current),
                }  # fmt: skip
        plane = {"in_plane_field": fields, "shift_slope": y, "shift_slope_error": np.abs(0.1 * y)}
        return {}, xr.Dataset(
            {n: ("loop", v) for n, v in loop.items()} | {n: ("in_plane", v) for n, v in plane.items()}
        )
    if kind == 1:
        width = np.geomspace(1, 10.0 ** rng.uniform(1, 8), count) * 1e-9
        values = {"pulse_width": width, "in_plane_field": np.full(count, 0.1), "switching": np.abs(y),
                  "switching_error": np.abs(0.1 * y), "switching_fitted": np.abs(y)}  # fmt: skip
        return {}, xr.Dataset({n: ("loop", v) for n, v in values.items()})
    values = {"places": np.linspace(0.1, 3, count), "inverse": y, "inverse_error": np.abs(0.1 * y), "inverse_fitted": y}
    told = {"value": [y[0], y[1]], "error": [error, 0.1]}
    return {}, xr.Dataset(
        {n: ("film", v) for n, v in values.items()} | {n: ("parameter", v) for n, v in told.items()},
        {"parameter": ["xi_DL", "xi_FL"]},
    )


def own(name):
    """The figure of an observable in a file of its own."""
    return figure_of(name, observables()[name].module)


def edges(rng):
    energy, size = np.linspace(860, 880, 81), 10.0 ** rng.uniform(-3, 6)
    value = sum(np.exp(-(((energy - at) / 0.6) ** 2)) for at in (870.2, 871.6)) + 0.4 * (energy > 871)
    data = measurement({"intensity": size * (value + 0.01 * rng.normal(size=81))}, {"energy": energy})
    return data, superlattice.fit_edges(data, (870.0, 871.5))


def reciprocal(rng):
    x, z = np.meshgrid(np.linspace(1.55e10, 1.7e10, 31), np.linspace(4.8e10, 5.1e10, 41))
    size, substrate = 10.0 ** rng.uniform(1, 6), 2 * np.pi / 3.868e-10
    spots = [(substrate, 3 * substrate, 1.0), (2 * np.pi / 3.85e-10, 6 * np.pi / 3.80e-10, 0.1)]
    value = sum(k * np.exp(-(((x - a) / 8e7) ** 2 + ((z - b) / 2e8) ** 2)) for a, b, k in spots)
    data = measurement(
        {"intensity": rng.poisson(100 + size * 100 * value).ravel()}, {"q_x": x.ravel(), "q_z": z.ravel()}
    )
    asked = {"hkl": (1, 0, 3), "substrate": (3.868e-10, 3.868e-10), "film": 3.80e-10, "poisson": 0.3, "bulk": 3.83e-10}
    found = superlattice.reciprocal_map(data, **asked)
    return (data, found) if rng.random() < 0.7 else (data,)


def fitted(rng):
    """What a fit of a film returns, as far as it is drawn."""
    paths = [f"{e}.{p}" for e in ("Pt", "Co", "Pt|Co", "a long name of a layer") for p in
             ("spin_hall_angle", "mixing_conductance.real", "spin_diffusion_length", "thickness")]  # fmt: skip
    names = list(rng.choice(paths, rng.integers(1, 15), replace=False))
    sets = [f"{n} {k}" for k, n in enumerate(rng.choice(["beta Pt 3 nm", "resistance", "MR"], rng.integers(1, 25)))]
    count = rng.integers(1, 9, len(sets))
    A = rng.normal(size=(len(names), len(names) + 1)) * 10.0 ** rng.uniform(-15, 3, (len(names), 1))
    variables = {
        "residual": ("point", rng.normal(size=count.sum()) * 10.0 ** rng.uniform(-1, 3)),
        "of": ("point", np.repeat(sets, count)), "covariance": (("parameter", "parameter_other"), A @ A.T),
    }  # fmt: skip
    attrs = {"chi_square": 10.0 ** rng.uniform(-2, 6), "degrees_of_freedom": 12, "p_value": rng.uniform()}
    return xr.Dataset(variables, {"parameter": names, "data": sets}, attrs)


def draws(rng):
    """Draws of parameters of any size, some with a long tail."""
    kinds = [("Pt.spin_hall_angle", "1", 0.1), ("Pt|Co.mixing_conductance.real", "S/m^2", 4e14),
             ("Pt.spin_diffusion_length", "m", 1.5e-9), ("a long name of a layer.conductivity", "S/m", 3e6),
             ("Pt.thickness of 3 nm", "m", 3e-9), ("s", "1", 1.0)]  # fmt: skip
    chosen = [kinds[k] for k in rng.choice(len(kinds), rng.integers(1, 7), replace=False)]
    common = rng.normal(size=(2, 200))
    variables = {
        name: (("chain", "draw"), size * np.exp(0.3 * common + rng.uniform(0.001, 0.5) * rng.normal(size=(2, 200))),
               {"units": unit})
        for name, unit, size in chosen
    }  # fmt: skip
    return xr.DataTree.from_dict({"posterior": xr.Dataset(variables)})


_PANEL = {0: "x_name", 1: "x_unit", 3: "y_name", 4: "y_unit"}


def fit_curves(rng):
    """Curves of a fit: some with a line, some with points alone."""
    panels = rng.integers(1, 8)
    points, lines = rng.integers(3, 30, panels), rng.choice([0, 50], panels)
    kinds = [
        ("Pt.thickness", "m", 1e-8, "magnetoresistance", "1"),
        ("angle", "deg", 360.0, "R_xx", "Ohm"),
        ("field", "T", 9.0, "MR_xx", "1"),
        ("Pt|Co.mixing_conductance.real", "S/m^2", 1e15, "sheet resistance xy", "Ohm"),
    ]
    chosen = [kinds[k] for k in rng.integers(0, 4, panels)]
    size = np.array([c[2] for c in chosen])
    y = 10.0 ** rng.uniform(-6, 3, panels)
    at, along = np.repeat(np.arange(panels), points), np.repeat(np.arange(panels), lines)
    variables = {
        "x": ("point", rng.random(at.size) * size[at]), "measured": ("point", y[at] * rng.normal(1, 0.2, at.size)),
        "error": ("point", 0.05 * y[at]), "fitted": ("point", y[at]),
        "line_x": ("place", rng.random(along.size) * size[along]), "line": ("place", y[along]),
        "title": ("panel", ["Pt 3 nm, plane beta, m = (0, 1, 0), T = 300 K"] * panels),
        **{name: ("panel", [c[k] for c in chosen]) for k, name in _PANEL.items()},
    }  # fmt: skip
    return xr.Dataset(variables, {"curve": ("point", at), "curve_of_line": ("place", along)})


def likelihood(rng):
    told = [("Pt.spin_hall_angle", "1", 0.1), ("Pt|Co.mixing_conductance.imag", "S/m^2", 1e14),
            ("Pt.thickness of Pt 3 nm", "m", 1e-9), ("Pt.conductivity", "S/m", 1e6)]  # fmt: skip
    out = []
    for path, unit, size in told[: rng.integers(1, 5)]:
        x = size * 10.0 ** rng.uniform(-1, 2) * (1 + np.sort(rng.normal(size=15)) * 10.0 ** rng.uniform(-4, 0))
        variables = {"value": ("place", x, {"units": unit}), "rise": ("place", rng.uniform(0, 8, 15))}
        out.append(xr.Dataset(variables, attrs={"profile_of": path, "verdict": rng.choice(["bounded", "flat"])}))
    return (out,)


def mechanisms(rng):
    """What a comparison of mechanisms returns, as far as it is drawn."""
    kinds = rng.choice(["RuO2 (5 nm)/Py", "control", "a long name"], rng.integers(1, 8))
    samples = [f"{n} {k}" for k, n in enumerate(kinds)]
    of, sample, plane, quantity = [], [], [], []
    for name in samples:
        for p in ("alpha", "beta", "gamma", ""):
            of.append(f"{name} planes" if p else f"{name} R")
            sample.append(name)
            plane.append(p)
            quantity.append(f"{p} amplitude, current along y" if p else "sheet resistance (x, x)")
    n, m, size = len(of), rng.integers(1, 13), 10.0 ** rng.uniform(-6, -1)
    measured = np.where(np.array(plane) != "", size * rng.normal(size=n), 100 * rng.uniform(1, 2, n))
    best = measured * rng.normal(1, 0.3, (m, n))
    low = best - np.abs(measured) * rng.uniform(0, 2, (m, n))
    variables = {
        "measured": ("point", measured), "error": ("point", np.abs(0.1 * measured)), "of": ("point", of),
        "sample": ("point", sample), "plane": ("point", plane), "quantity": ("point", quantity),
        "best": (("mechanism", "point"), best), "prior_low": (("mechanism", "point"), low),
        "prior_middle": (("mechanism", "point"), best), "prior_high": (("mechanism", "point"), 2 * best - low),
        "probability": ("mechanism", rng.dirichlet(np.ones(m))), "fits": ("mechanism", rng.random(m) < 0.5),
        "goodness": ("mechanism", rng.random(m)), "chi2": ("mechanism", rng.uniform(1, 1e4, m)),
    }  # fmt: skip
    names = [f"{n} {k}" for k, n in enumerate(rng.choice(["spin Hall", "size effect of the bilayer", "none"], m))]
    return xr.Dataset(variables, {"mechanism": names}, {"words": "None of these mechanisms describes the data."})


def gains(rng):
    n = rng.integers(1, 12)
    gain, cost = 10.0 ** rng.uniform(-4, 1, n), rng.choice([1.0, 3.0], n)
    variables = {"gain": ("candidate", gain), "gain_error": ("candidate", 0.1 * gain), "cost": ("candidate", cost),
                 "gain_per_cost": ("candidate", gain / cost)}  # fmt: skip
    names = [f"{k}: RuO2 (10 nm)/Py (4 nm), current along y" for k in range(n)]
    return xr.Dataset(variables, {"candidate": names}, {"of": "mechanisms"})


#: by the name of the function: what draws, and a random argument list
DRAWN = {
    **{
        one.__name__: (getattr(figures, one.__name__), lambda rng, one=one: (one(rng),))
        for one in moving_results.RESULTS
    },
    "rashba_2d": (figures.rashba_2d, lambda rng: (rashba(rng),)),
    "draw_film": (figures.draw_film, lambda rng: (films(rng),)),
    "angular_scan": (figures.angular_scan, lambda rng: (angular_scan(rng),)),
    "sweep_curve": (figures.sweep_curve, lambda rng: (swept(rng, 1) if rng.random() < 0.5 else family(rng),)),
    "sweep_map": (figures.sweep_map, lambda rng: (swept(rng, 2),)),
    "torque": (figures.torque, lambda rng: (torque(rng),)),
    "profile": (figures.profile, lambda rng: (profile(rng),)),
    "field_scan": (figures.field_scan, lambda rng: (field(rng),)),
    "field_contributions": (figures.field_contributions, lambda rng: (field(rng, contributions),)),
    "interface_library": (figures.interface_library, lambda rng: (interface_library(rng),)),
    "law_values": (figures.law_values, lambda rng: (law_values(rng),)),
    "temperature_scan": (figures.temperature_scan, lambda rng: (temperature_scan(rng),)),
    "face_conductances": (figures.face_conductances, lambda rng: (faces(rng),)),
    "regime_map": (figures.regime_map, lambda rng: (regimes(rng.choice([1e13, -1e15])),)),
    "compare_theories": (figures.compare_theories, lambda rng: (theories(rng),)),
    "fit_residuals": (figures.fit_residuals, lambda rng: (fitted(rng),)),
    "fit_curves": (figures.fit_curves, lambda rng: (fit_curves(rng),)),
    "likelihood_profile": (figures.likelihood_profile, likelihood),
    "posterior": (figures.posterior, lambda rng: (draws(rng),)),
    "correlations": (figures.correlations, lambda rng: (fitted(rng),)),
    "mechanism_fits": (figures.mechanism_fits, lambda rng: (mechanisms(rng),)),
    "prior_triplets": (figures.prior_triplets, lambda rng: (mechanisms(rng),)),
    "information_gains": (figures.information_gains, lambda rng: (gains(rng),)),
    "layer_currents": (own("layer_currents"), lambda rng: (currents(rng),)),
    "torque_efficiency": (own("torque_efficiency"), lambda rng: (efficiency(rng),)),
    "damping_conductance": (own("damping_conductance"), lambda rng: (damping(rng),)),
    "torque_maps": (figures.torque_maps, lambda rng: (sphere(rng),)),
    "torque_functions": (figures.torque_functions, lambda rng: (sphere(rng),)),
    "fermi_disc": (scattering.fermi_disc, lambda rng: (barrier(rng),)),
    "absorbed_spin": (scattering.absorbed_spin, lambda rng: (barrier(rng),)),
    "atlas": (scattering.atlas, lambda rng: (barrier(rng),)),
    "measured_angles": (figures.measured_angles, turns),
    "measured_polar": (figures.measured_polar, lambda rng: turns(rng, rng.choice(["beta", None]))),
    "measured_sweep": (figures.measured_sweep, lambda rng: rng.choice([loop, butterfly])(rng)),
    "measured_temperature": (figures.measured_temperature, lambda rng: rng.choice([moments, critical])(rng)),
    "measured_curve": (figures.measured_curve, lambda rng: rng.choice([loop, edges])(rng)),
    "measured_contacts": (figures.measured_contacts, contacts),
    "measured_lengths": (figures.measured_lengths, lengths),
    "measured_harmonics": (figures.measured_harmonics, both_harmonics),
    "measured_resonance": (figures.measured_resonance, resonance),
    "measured_line": (figures.measured_line, lines),
    "measured_map": (figures.measured_map, reciprocal),
    "measured_table": (figures.measured_table, lambda rng: (rng.choice([table, control])(rng),)),
    "measured_cleaning": (figures.measured_cleaning, cleaned),
}  # fmt: skip


def test_every_figure_is_tried():
    assert {*figures.__all__} - OTHERS <= DRAWN.keys()


@pytest.mark.study(but_first=1)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DRAWN)
def test_no_text_covers_another(name, seed):
    draw, arguments = DRAWN[name]
    figure = draw(
        *arguments(np.random.default_rng([seed, *name.encode()])),
        title=" ".join(["A title of Fe3O4/Pt1"] * (1 + 6 * (seed % 2))),
    )
    boxes = texts(figure)
    assert outside(figure, boxes) == []
    # the numbers at the common corner of two axes may touch
    shrunk = [(words, box.padded(-2)) for words, box in boxes]
    assert [(a, b) for (a, p), (b, q) in combinations(shrunk, 2) if p.overlaps(q)] == []
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]
    for legend in legends:
        assert not any(legend.get_window_extent().overlaps(axes.bbox) for axes in figure.axes if axes.get_visible())


@pytest.mark.study
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["layer_currents", "torque_efficiency", "damping_conductance"])
def test_numbers_do_not_lie_on_bars(name, seed):
    draw, arguments = DRAWN[name]
    figure = draw(*arguments(np.random.default_rng([seed, *name.encode()])))
    texts(figure)
    for axes in figure.axes:
        bars = [bar.get_window_extent().padded(-1) for bar in axes.patches]
        numbers = [text.get_window_extent().padded(-1) for text in axes.texts]
        assert not any(bar.overlaps(number) for bar in bars for number in numbers if bar.width > 0 and bar.height > 0)
