"""In-plane magnet | Cu | perpendicular magnet: the out-of-plane spin that lets a current switch the upper one alone.

Run ``python examples/trilayer.py [OUTPUT_FOLDER]``. The film stands in ``trilayer.toml``; the field is 1 V/m along x.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
RASHBA, EXCHANGE = "Py|Cu.scattering.rashba", "Py|Cu.scattering.exchange"
#: the upper magnet leans this far from z: along z exactly it takes up no spin along z
LEAN = np.radians(10)
BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"


def in_plane(degrees: np.ndarray | float) -> np.ndarray:
    """Unit vectors (..., 3) at an angle from the field, in the plane."""
    phi = np.radians(degrees)
    return np.stack([np.cos(phi), np.sin(phi), np.zeros_like(phi)], -1)


def leaning(angle: np.ndarray | float) -> np.ndarray:
    """Unit vectors (..., 3) at an angle [rad] from z towards the field."""
    return np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], -1)


def spacer(film: ss.Film, degrees: np.ndarray | float, upper: float = 0.0) -> np.ndarray:
    """Spin current (..., 3) [A/m^2 per V/m] through the spacer, upper magnet at the angle `upper` [rad] from z."""
    return ss.average_spin_current(film, "Cu", m={"Py": in_plane(degrees), "CoFeB": leaning(upper)})


def switching_torque(film: ss.Film, degrees: np.ndarray | float, lower: str | None = "Py") -> np.ndarray:
    """Coefficient tau_z of tau_z m x (z x m) on the upper magnet [N/m per V/m], with m leaning to either side of z.

    With m = (sin a, 0, cos a) the torque along -d m/d a is tau_z sin a, plus parts even in a from spins along x and y,
    which the difference between a and -a removes.
    """
    parts = []
    for a in (LEAN, -LEAN):
        m = {"CoFeB": leaning(a)}
        if lower is not None:
            m[lower] = in_plane(degrees)
        torque = ss.torque(film, m=m)["CoFeB"].values
        parts.append(torque @ np.array([-np.cos(a), 0.0, np.sin(a)]))
    return (parts[0] - parts[1]) / (2 * np.sin(LEAN))


def single_magnet(film: ss.Film) -> ss.Film:
    """The same film with a plain metal for the lower magnet and no exchange at its face: the usual bilayer."""
    lower = film[0]
    metal = ss.Metal(
        "Py",
        thickness=lower.thickness,
        conductivity=lower.conductivity,
        spin_diffusion_length=lower.spin_diffusion_length,
    )
    interface = ss.Interface(scattering=film[1].scattering.replace(exchange=0.0))
    return metal | interface | film[2] | film[3] | film[4]


def figure_angle(film: ss.Film) -> Figure:
    """Spin current in the spacer and switching torque against the angle of the lower magnet, and Q through the film."""
    figure = Figure(figsize=(12.4, 3.8), layout="constrained")
    current, torque, depth = figure.subplots(1, 3)
    phi = np.linspace(0, 360, 181)
    for upper, colour, words in ((0.0, BLUE, "upper ∥ z"), (np.pi / 2, GREEN, "upper ∥ x")):
        Q = spacer(film, phi, upper)[:, 2] / 1e3
        current.plot(phi, Q, color=colour, label=words)
        current.plot(phi[::10], Q[0] * np.cos(np.radians(phi[::10])), ".", color="black", markersize=4)
    current.set(
        ylabel="$Q_{zz}$ in Cu (kA/m² per V/m)", title="spin along z in the spacer (dots: cos φ)", ylim=(-24, 34)
    )
    current.legend(frameon=False, ncols=2, loc="upper center")
    cases = (
        ("two magnets", film, "Py", GREEN, "-"),
        ("no Rashba", film.replace({RASHBA: 0.0}), "Py", BLUE, "--"),
        ("one magnet", single_magnet(film), None, RED, ":"),
    )
    for label, each, lower, colour, style in cases:
        values = switching_torque(each, phi, lower) * np.ones_like(phi)
        torque.plot(phi, 1e12 * values, style, color=colour, label=label)
    torque.set(ylabel="$τ_z$ on CoFeB (10⁻¹² N/m per V/m)", title="torque $τ_z\\, m×(z×m)$", ylim=(-6, 8.5))
    torque.legend(frameon=False, loc="upper center", ncols=3, columnspacing=0.8, handlelength=1.2, fontsize="small")
    for axes in (current, torque):
        axes.axhline(0, color="0.6", linewidth=0.8)
        axes.set(xlabel="angle of the lower magnet from E (°)", xticks=[0, 90, 180, 270, 360])
    for degrees, style in ((0.0, "-"), (90.0, "--")):
        profile = ss.profile(film, m={"Py": in_plane(degrees), "CoFeB": (0.0, 0.0, 1.0)})
        for name, colour in (("y", RED), ("z", GREEN)):
            depth.plot(
                profile.z * 1e9,
                profile.Q.sel(spin=name) / 1e3,
                style,
                color=colour,
                label=f"$Q_{{z{name}}}$, φ = {degrees:g}°",
            )
    for low, high, label in ((0.0, 4.0, "Py"), (4.0, 7.0, "Cu"), (7.0, 8.0, "CoFeB")):
        depth.axvline(low, color="0.7", linewidth=0.8)
        depth.text((low + high) / 2, 1.02, label, transform=depth.get_xaxis_transform(), fontsize="small", ha="center")
    depth.set(xlabel="z (nm)", ylabel="$Q$ (kA/m² per V/m)", xlim=(0, 8))
    depth.set_title("through the film", pad=18)
    depth.legend(frameon=False, fontsize="small")
    return figure


def figure_strength(film: ss.Film) -> Figure:
    """Spin currents in the spacer against exchange and Rashba strength; lower magnet along the field."""
    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    for axes, path, symbol, values in (
        (figure.add_subplot(1, 2, 1), EXCHANGE, "$u_{ex}$", np.linspace(-1, 1, 81)),
        (figure.add_subplot(1, 2, 2), RASHBA, "$u_R$", np.linspace(-0.5, 0.5, 81)),
    ):
        Q = spacer(film.replace({path: values}), 0.0)
        axes.plot(values, Q[:, 2] / 1e3, color=GREEN, label="$Q_{zz}$")
        axes.plot(values, Q[:, 1] / 1e4, color=RED, label="$Q_{zy}/10$")
        axes.axhline(0, color="0.6", linewidth=0.8)
        axes.axvline(0, color="0.6", linewidth=0.8)
        axes.set(xlabel=symbol, ylabel="spin current in Cu (kA/m² per V/m)")
        axes.legend(frameon=False)
    return figure


def numbers(film: ss.Film) -> dict[str, float]:
    """What the page quotes."""
    phi = np.arange(0.0, 360.0, 15.0)
    cosine = np.cos(np.radians(phi))
    Q, tau = spacer(film, phi), switching_torque(film, phi)
    across = ss.torque(film, m={"Py": in_plane(90.0), "CoFeB": np.array([0.0, 0.0, 1.0])})["CoFeB"].values
    return {
        "Q_z in Cu, m along E": Q[0, 2],
        "Q_z in Cu, m across E": Q[6, 2],
        "Q_y in Cu, m along E": Q[0, 1],
        "Q_y in Cu, m across E": Q[6, 1],
        "Q_z in Cu, m along E, upper magnet along x": spacer(film, 0.0, np.pi / 2)[2],
        "Q_z in Cu, m along E, no polarization of Py": spacer(film.replace({"Py.polarization": 0.0}), 0.0)[2],
        "Q_z in Cu, m along E, no exchange at the interface": spacer(film.replace({EXCHANGE: 0.0}), 0.0)[2],
        "Q_z: largest deviation from cos": float(np.abs(Q[:, 2] - Q[0, 2] * cosine).max() / np.abs(Q[0, 2])),
        "tau_z, m along E (N/m per V/m)": tau[0],
        "tau_z, m against E (N/m per V/m)": tau[12],
        "tau_z, m across E (N/m per V/m)": tau[6],
        "tau_z: share of cos 3 phi": np.mean(tau * np.cos(np.radians(3 * phi))) / np.mean(tau * cosine),
        "torque along y on CoFeB along z, m across E": across[1],
        "tau_z without Rashba": float(np.abs(switching_torque(film.replace({RASHBA: 0.0}), phi)).max()),
        "tau_z with one magnet": float(np.abs(switching_torque(single_magnet(film), 0.0, None)).max()),
        "tau_z with Rashba reversed": float(switching_torque(film.replace({RASHBA: -film.get(RASHBA)}), 0.0)),
    }


def main(folder: str = "results/trilayer") -> dict[str, float]:
    """Write every figure and return the numbers."""
    film = ss.load_sample(HERE / "trilayer.toml")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    save(figure_angle(film), target / "trilayer_angle")
    save(figure_strength(film), target / "trilayer_strength")
    result = {name: float(value) for name, value in numbers(film).items()}
    for name, value in result.items():
        print(f"{name:48s} {value: .6g}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
