"""Results of films on magnets made by hand, for the tests of their figures, and what a figure of them shows."""

import numpy as np
import xarray as xr

NM = 1e-9
OHM = {"units": "Ohm"}
FIELD = np.linspace(-8.0, 8.0, 33)
SATURATION = {"x": 1.0, "y": -1.0, "z": 1.0}


def scan(T=None, directions=None, field=FIELD, size=0.05, own=False, hall=0.02):
    """A field scan by hand: R_xx = 500 Ohm and a bit that saturates, slower in the heat."""
    kelvin, names = np.atleast_1d(5.0 if T is None else T).astype(float), directions or ["z"]
    order = np.tanh(field / kelvin[:, None, None])
    sign = np.array([SATURATION[n] for n in names])[:, None]
    R = 500 + size * sign * order**2 + (0.01 * kelvin[:, None, None] if own else 0.0)
    R_xy = hall * order * np.array([n == "z" for n in names])[:, None]
    reference = R[:, :, :1] if own else 500.0
    dims = ("temperature", "direction", "field")
    axes = np.stack([np.eye(3)["xyz".index(n)] for n in names])
    data = xr.Dataset(
        {"R_xx": (dims, R, OHM), "R_xy": (dims, R_xy, OHM),
         "MR_xx": (dims, R / reference - 1, {"units": "1", "reference": "R_xx without field"})},
        coords={"field": ("field", field, {"units": "T"}), "temperature": ("temperature", kelvin, {"units": "K"}),
                "direction": names, "axis": list("xyz"),
                "B": (("direction", "field", "axis"), field[:, None] * axes[:, None])},
    )  # fmt: skip
    if T is None:
        data = data.isel(temperature=0, drop=True).assign_attrs(temperature_K=5.0)
    return data if directions else data.isel(direction=0, drop=True)


def path(B):
    B = np.asarray(B, dtype=float)
    R = 500 + 0.05 * B[:, 2] ** 2
    return xr.Dataset(
        {"R_xx": ("step", R, OHM), "R_xy": ("step", 0.01 * B[:, 2], OHM), "MR_xx": ("step", R / 500 - 1)},
        coords={"B": (("step", "axis"), B), "axis": list("xyz")},
    )


def contributions(T=None, directions=None, small=1.0):
    data = scan(T, directions)
    smr = data["R_xx"] - 500
    hanle = small * 1e-3 * data["field"] ** 2 + 0 * smr
    interference = -small * 1e-3 * np.abs(data["field"]) + 0 * smr
    parts = {"smr": smr, "hanle": hanle, "interference": interference}
    return data.drop_vars(list(data.data_vars)).assign(
        R_xx=500 + smr + hanle + interference, R_neither=500 + 0 * smr, **parts
    )


def gap():
    T = np.linspace(2, 120, 60)
    size = np.sqrt(np.clip(1 - T / 100, 0, None))
    R_y = 500 - 0.02 * size
    values = {"gap": 0.1 * size, "R_y": R_y, "R_z": R_y + 0.1 * size}
    data = xr.Dataset({n: ("temperature", v, OHM) for n, v in values.items()}, coords={"temperature": T})
    return data.assign(ratio=data["gap"] / data["R_y"])


def face(T=5.0, field=FIELD, sublattices=1, magnet="WeissMagnet(spin=2)", exchange=3e14, scales=None):
    kelvin, B = np.atleast_1d(T).astype(float), np.atleast_1d(field)
    order = np.tanh(B / kelvin[:, None])
    dims = ("temperature", "field")
    orders = {"order": 2 * order} if sublattices == 1 else {"order_a": 2 * order, "order_b": order}
    parts = {"G_flip": 1e14 * (1 - order**2), "G_dephasing": 1e14 * (1 + order**2), "G_i": exchange * order}
    data = xr.Dataset(
        {n: (dims, v, {"units": "S/m^2"}) for n, v in parts.items()} | {n: (dims, v) for n, v in orders.items()},
        coords={"temperature": ("temperature", kelvin), "field": ("field", B)},
        attrs={"magnet": magnet, "G0_S_per_m2": scales or (5e13 if sublattices == 1 else [5e13] * sublattices)},
    )
    data = data if np.ndim(T) else data.isel(temperature=0)
    return data if np.ndim(field) else data.isel(field=0)


def regimes(low=1e13):
    d = np.linspace(1, 15, 21) * NM
    G = np.geomspace(low, 1e16, 25) if low > 0 else np.linspace(low, -low, 25)
    critical = 1e14 * np.exp(d / (8 * NM))
    slope = -1e-5 * np.log(np.abs(G[None]) / critical[:, None] + 1e-3) * np.sign(G)
    name = "EuS.mixing_conductance.imag"
    return xr.Dataset(
        {"initial_slope": (("Pt.thickness", name), slope, {"units": "Ohm/T"}),
         "critical_exchange": ("Pt.thickness", critical, {"units": "S/m^2"})},
        coords={"Pt.thickness": ("Pt.thickness", d, {"units": "m", "long_name": "Pt.thickness"}),
                name: (name, G, {"units": "S/m^2", "long_name": name})},
    )  # fmt: skip


def lines(axes, n=None):
    """The curves of a panel, without lines across it."""
    found = [line for line in axes.lines if len(line.get_xdata()) > 2 or line.get_marker() == "o"]
    return found if n is None else found[n]


def words(figure):
    return [t.get_text() for legend in figure.legends for t in legend.get_texts()]


def above(figure):
    titles = [legend.get_title().get_text() for legend in figure.legends]
    return "\n".join([figure.get_suptitle(), *titles])


def second(axes):
    (right,) = [c for c in axes.child_axes if c.get_ylabel()]
    return right
