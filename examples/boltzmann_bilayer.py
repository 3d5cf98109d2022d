"""Metal | delta barrier | magnet by the Boltzmann equation: sign and size of the beta plane, beside drift-diffusion.

Run ``python examples/boltzmann_bilayer.py [OUTPUT_FOLDER]``. Its film is that of ``interface_chain.toml``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from scipy.integrate import simpson
from scipy.optimize import brentq, minimize_scalar

import spinstack as ss
from spinstack.boltzmann import profiles, solve
from spinstack.figures import save

Y, Z = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
DIFFUSE, MIRROR = (0.0, 0.0), (1.0, 1.0)
BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"
#: polar directions, azimuths of the maps, of the numbers, and of those at a resonance of the interface
COARSE, FINE, RESONANT = (12, 24), (16, 16), (16, 96)
#: the interface is the only thing that knows of the magnetisation
ALONE: dict[str, Any] = {"P": 0.0, "dephasing": None}
POLARISED: dict[str, Any] = {}
FILMS = {"interface alone": ALONE, "with the bulk of the magnet": POLARISED}


def bilayer(
    u0: float = 0.4,
    exchange: Any = 0.2,
    rashba: Any = 0.1,
    P: float = 0.4,
    dephasing: float | None = 0.5e-9,
    theta: float = 0.0,
    thickness: float = 1.0,
    path_N: float = 1.0,
    path_F: float = 1.0,
    diffuse: float = 0.0,
) -> ss.Film:
    """The film; thickness, path_N, path_F scale thicknesses and mean free paths (at constant spin-flip lengths)."""
    return (
        ss.Metal(
            "N",
            thickness=5e-9 * thickness,
            conductivity=2.8e6 * path_N,
            spin_diffusion_length=8e-9 * path_N**0.5,
            spin_hall_angle=theta,
        )
        | ss.Interface(
            scattering=ss.DeltaBarrier(barrier=u0, exchange=exchange, rashba=rashba, fermi_wavevector=1.36e10),
            diffuse_fraction=diffuse,
        )
        | ss.Ferromagnet(
            "F",
            thickness=4e-9 * thickness,
            conductivity=4e6 * path_F,
            polarization=P,
            spin_diffusion_length=3.6e-9 * path_F**0.5,
            **({} if dephasing is None else {"dephasing_length": dephasing}),
        )
    )


def beta(film: ss.Film, specularity: tuple[float, float] = DIFFUSE, grid: tuple[int, int] = FINE) -> float:
    """(R(m || z) - R(m || y))/R(m || y) by the Boltzmann equation."""
    at_y, at_z = np.linalg.inv(solve(film, np.array([Y, Z]), specularity, resolution=grid).sheet)[:, 0, 0]
    return float(at_z / at_y - 1)


def diffusion(film: ss.Film) -> Any:
    """The same ratio by drift-diffusion."""
    return np.asarray(ss.magnetoresistance(film, plane="beta"))


def generated(film: ss.Film, m: Any, grid: tuple[int, int] = FINE) -> np.ndarray:
    """Sheet current (2, 2) [S] per spin Hall angle that the inverse effect in N makes of the spin current there.

    For m as it is and no spin Hall effect: what the interface alone sends through the metal, integrated over depth.
    """
    found = profiles(film, m, points=129, resolution=grid)
    inside = found.layer == 0
    Q = simpson(found.Q[inside], x=found.z[inside], axis=0)
    return np.array([-Q[1], Q[0]])


def odd_in_theta(m: Any, step: float = 1e-3, **changes: Any) -> np.ndarray:
    """Part of the sheet conductance (2, 2) [S] that is linear in the spin Hall angle."""
    plus, minus = (solve(bilayer(theta=t, **changes), m, resolution=FINE).sheet for t in (step, -step))
    return np.asarray(plus - minus) / (2 * step)


def maps(points: int) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """x, y and beta-plane ratios (y, x) of the six panels."""
    exchange, rashba, barrier = np.linspace(0, 1, points), np.linspace(0, 0.5, points), np.linspace(0.05, 1.5, points)
    out = {}
    for name, kind in FILMS.items():
        boltzmann = [[beta(bilayer(exchange=x, rashba=r, **kind), grid=COARSE) for x in exchange] for r in rashba]
        out[f"{name}, Boltzmann"] = exchange, rashba, np.array(boltzmann)
        x, r = np.meshgrid(exchange, rashba)
        out[f"{name}, drift-diffusion"] = exchange, rashba, diffusion(bilayer(exchange=x, rashba=r, **kind))
        over = [[beta(bilayer(u0=u, exchange=x, **kind), grid=COARSE) for x in exchange] for u in barrier]
        out[f"{name}, Boltzmann, barrier"] = exchange, barrier, np.array(over)
    return out


def figure_maps(found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Figure:
    """Sign and size over the strengths of the interface."""
    figure = Figure(figsize=(11.4, 6.6), layout="constrained")
    panels = figure.subplots(2, 3)
    norm = SymLogNorm(linthresh=0.1, vmin=-50, vmax=50)
    mesh: Any = None
    for axes, (name, (x, y, ratio)) in zip(panels.flat, found.items(), strict=True):
        mesh = axes.pcolormesh(x, y, 1e4 * ratio, cmap="RdBu_r", norm=norm, rasterized=True)
        axes.contour(x, y, np.where(np.abs(ratio) < 1e-9, np.nan, ratio), levels=[0], colors="black", linewidths=1.2)
        over_barrier = name.endswith("barrier")
        if over_barrier:
            axes.plot(x, x, "--", color="purple", linewidth=1)
        else:
            axes.axvline(0.4, color="purple", linestyle="--", linewidth=1)
        axes.set(xlabel="$u_{ex}$", ylabel="$u_0$" if over_barrier else "$u_R$", ylim=(y[0], y[-1]))
        theory = "drift-diffusion" if "drift" in name else "Boltzmann"
        axes.set_title(f"{theory}, {'$u_R$ = 0.1' if over_barrier else '$u_0$ = 0.4'}", fontsize="medium")
    for axes, name in zip(panels[:, 0], FILMS, strict=True):
        axes.annotate(name, (-0.24, 0.5), xycoords="axes fraction", rotation=90, va="center", ha="right", weight="bold")
    bar = figure.colorbar(mesh, ax=panels, label="ΔR/R, β plane (10⁻⁴)", ticks=[-10, -1, -0.1, 0, 0.1, 1, 10])
    bar.ax.set_yticklabels(["−10", "−1", "−0.1", "0", "0.1", "1", "10"])
    bar.ax.minorticks_off()
    return figure


def three(axes: Any, x: np.ndarray, films: list[ss.Film], colour: str, label: str, factor: Any = 1.0) -> None:
    """One curve of each theory: Boltzmann with diffuse and with mirror-like surfaces, drift-diffusion."""
    for style, values, words in (
        ("-", [beta(f) for f in films], label),
        ("--", [beta(f, MIRROR) for f in films], None),
        (":", [float(diffusion(f)) for f in films], None),
    ):
        axes.plot(x, 1e4 * factor * np.array(values), style, color=colour, label=words)


def figure_lengths(points: int) -> Figure:
    """Thickness, mean free paths, their contrast, and polarisation."""
    figure = Figure(figsize=(11.4, 7.2), layout="constrained")
    panels = figure.subplots(2, 2)
    scale, path = np.geomspace(0.1, 16, points), np.geomspace(0.1, 4, points)
    contrast, P = np.geomspace(0.2, 4, points), np.linspace(-0.8, 0.8, points)
    for exchange, colour in ((0.2, BLUE), (0.8, RED)):
        label = f"$u_{{ex}}$ = {exchange:g}"
        for axes, x, films, factor in (
            (panels[0, 0], scale, [bilayer(exchange=exchange, thickness=s) for s in scale], scale),
            (panels[0, 1], path, [bilayer(exchange=exchange, path_N=s, path_F=s) for s in path], 1.0),
            (panels[1, 0], contrast, [bilayer(exchange=exchange, path_N=s / 0.7, **ALONE) for s in contrast], 1.0),
            (panels[1, 1], P, [bilayer(exchange=exchange, P=p) for p in P], 1.0),
        ):
            three(axes, x, films, colour, label, factor)
    words = (
        ("thicknesses / (5, 4 nm)", "ΔR/R × thickness / 9 nm (10⁻⁴)", "thickness"),
        ("mean free paths / (1.8, 2.6 nm)", "ΔR/R (10⁻⁴)", "mean free paths"),
        ("$\\lambda_N/\\lambda_F$", "ΔR/R (10⁻⁴)", "interface alone: contrast of mean free paths"),
        ("polarisation P of F", "ΔR/R (10⁻⁴)", "polarisation"),
    )
    for axes, (below, beside, title) in zip(panels.flat, words, strict=True):
        axes.axhline(0, color="0.6", linewidth=0.8)
        axes.set(xlabel=below, ylabel=beside, title=title)
        if axes is not panels[1, 1]:
            axes.set_xscale("log")
    panels[1, 0].set_xticks([0.2, 0.5, 1, 2, 4], ["0.2", "0.5", "1", "2", "4"])
    panels[1, 0].minorticks_off()
    for line, text in (("-", "Boltzmann, diffuse surfaces"), ("--", "Boltzmann, mirrors"), (":", "drift-diffusion")):
        panels[0, 0].plot([], [], line, color="0.3", label=text)
    panels[0, 0].legend(frameon=False, fontsize="small")
    panels[0, 1].set_ylim(-4, 10)
    return figure


def figure_spin_current() -> Figure:
    """The spin current that the interface generates, and what a spin Hall effect makes of it."""
    figure = Figure(figsize=(11.4, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    film = bilayer()
    for m, colour, words in ((Y, GREEN, "m ∥ y"), (Z, BLUE, "m ∥ z")):
        found = profiles(film, m, points=65, resolution=FINE)
        other = ss.profile(film, m=m, points=65)
        for n in (0, 1):
            inside = found.layer == 2 * n
            left.plot(found.z[inside] * 1e9, found.Q[inside, 1, 0] / 1e3, color=colour, label=None if n else words)
        left.plot(other.z * 1e9, other.Q.sel(spin="y") / 1e3, ":", color=colour)
    left.axvline(5, color="0.6", linewidth=0.8)
    left.set(xlabel="z (nm)", ylabel="$Q_{zy}$ per V/m (kA/m²)", title="solid: Boltzmann; dotted: drift-diffusion")
    theta = np.linspace(-0.1, 0.1, 9)
    for exchange, colour in ((0.2, BLUE), (0.8, RED)):
        base, slope = parts(exchange=exchange)
        whole = [beta(bilayer(exchange=exchange, theta=t)) for t in theta]
        right.plot(theta, 1e4 * np.array(whole), color=colour, label=f"$u_{{ex}}$ = {exchange:g}: all")
        right.plot(theta, 1e4 * (base + 2 * slope * theta), "--", color=colour, label="interface + 2 × generated")
        right.plot(theta, 1e4 * slope * theta, ":", color=colour, label="generated, no inverse")
    right.axhline(0, color="0.6", linewidth=0.8)
    right.set(xlabel="spin Hall angle of N", ylabel="ΔR/R, β plane (10⁻⁴)", title="$u_R$ = 0.1")
    right.set(ylim=(-2.8, 3), xticks=[-0.1, -0.05, 0, 0.05, 0.1])
    right.legend(frameon=False, fontsize="x-small", ncols=2, loc="lower left")
    left.legend(frameon=False)
    return figure


def parts(grid: tuple[int, int] = FINE, **changes: Any) -> tuple[float, float]:
    """Beta-plane ratio without spin Hall effect, and what the generated spin current adds per angle (no inverse)."""
    film = bilayer(**changes)
    conductance = solve(film, np.array([Y, Z]), resolution=grid).sheet[:, 0, 0]
    slope = -(generated(film, Z, grid) - generated(film, Y, grid))[0, 0] / conductance.mean()
    return beta(film, grid=grid), float(slope)


def numbers(found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> dict[str, float]:
    """What the page quotes."""
    out = {f"negative share of the map, {name}": float((v < -1e-9).mean()) for name, (_, _, v) in found.items()}
    for name, kind in FILMS.items():
        for rashba, grid in ((0.1, FINE), (0.5, RESONANT)):
            for exchange in (0.2, 0.8):
                film = bilayer(exchange=exchange, rashba=rashba, **kind)
                label = f"{name}, u_ex {exchange:g}, u_R {rashba:g}"
                out[f"{label}, Boltzmann"] = beta(film, grid=grid)
                out[f"{label}, mirrors"] = beta(film, MIRROR, grid)
                out[f"{label}, drift-diffusion"] = float(diffusion(film))
        for words, ratio_of in (("Boltzmann", beta), ("drift-diffusion", diffusion)):
            turn = brentq(lambda u, f=ratio_of, k=kind: float(f(bilayer(exchange=u, **k))), 0.45, 0.6, xtol=1e-5)
            out[f"{name}, u_ex where it turns, {words}"] = turn
        least = minimize_scalar(
            lambda u, k=kind: 1e3 * beta(bilayer(exchange=u, rashba=0.5, **k), grid=RESONANT),
            bounds=(0.65, 1.0),
            method="bounded",
            options={"xatol": 0.01},
        )
        out[f"{name}, u_R 0.5: lowest over u_ex"] = float(least.fun) / 1e3
        out[f"{name}, u_R 0.5: u_ex of the lowest"] = float(least.x)
    for words, ratio_of in (("Boltzmann", beta), ("drift-diffusion", diffusion)):
        needed = brentq(lambda u, f=ratio_of: float(f(bilayer(exchange=0.9, rashba=u))) + 1e-3, 0.2, 0.7, xtol=1e-3)
        out[f"u_R for -1e-3 at u_ex 0.9, {words}"] = needed
    for name, kind in FILMS.items():
        film = bilayer(u0=1.4, exchange=1.0, **kind)
        out[f"{name}, u_0 1.4, u_ex 1"] = beta(film)
        out[f"{name}, u_0 1.4, u_ex 1, mirrors"] = beta(film, MIRROR)
        out[f"{name}, u_0 1.4, u_ex 1, drift-diffusion"] = float(diffusion(film))
    thin = bilayer(exchange=0.8, path_N=4 / 2.8, **ALONE).replace({"N.thickness": 4e-9})
    out["interface alone, u_ex 0.8, path_N/path_F 1, equal thicknesses"] = beta(thin)
    for ratio in (0.2, 1.0, 4.0):
        film = bilayer(exchange=0.8, path_N=ratio * 4 / 2.8, **ALONE)
        strong = bilayer(exchange=0.8, rashba=0.5, path_N=ratio * 4 / 2.8, **ALONE)
        out[f"interface alone, u_ex 0.8, path_N/path_F {ratio:g}"] = beta(film)
        out[f"interface alone, u_ex 0.8, path_N/path_F {ratio:g}, mirrors"] = beta(film, MIRROR)
        out[f"interface alone, u_ex 0.8, u_R 0.5, path_N/path_F {ratio:g}"] = beta(strong, grid=RESONANT)
    for exchange in (0.2, 0.8):
        for scale in (0.2, 0.5, 4.0, 64.0):
            film = bilayer(exchange=exchange, thickness=scale)
            out[f"thickness x {scale:g}, u_ex {exchange:g}, Boltzmann/drift-diffusion"] = beta(film) / diffusion(film)
        out[f"P -0.4, u_ex {exchange:g}"] = beta(bilayer(exchange=exchange, P=-0.4))
        film = bilayer(exchange=exchange, path_N=3, path_F=3)
        out[f"mean free paths x 3, u_ex {exchange:g}, Boltzmann"] = beta(film)
        out[f"mean free paths x 3, u_ex {exchange:g}, mirrors"] = beta(film, MIRROR)
        out[f"mean free paths x 3, u_ex {exchange:g}, drift-diffusion"] = float(diffusion(film))
        for fraction in (0.5, 1.0):
            out[f"diffuse fraction {fraction:g}, u_ex {exchange:g}"] = beta(
                bilayer(exchange=exchange, diffuse=fraction)
            )
    return out | reciprocity()


def reciprocity() -> dict[str, float]:
    """The generated spin current against its inverse, and the beta plane with a spin Hall effect."""
    out = {}
    for name, kind in FILMS.items():
        for exchange in (0.2, 0.8):
            film = bilayer(exchange=exchange, **kind)
            label = f"{name}, u_ex {exchange:g}"
            for words, m in (("y", Y), ("z", Z)):
                out[f"generated (S per angle), m || {words}, {label}"] = generated(film, m)[0, 0]
                out[f"linear in theta (S), m || {words}, {label}"] = odd_in_theta(m, exchange=exchange, **kind)[0, 0]
    tilted, film = np.array([0.3, 0.5, 0.8]), bilayer()
    there, back = generated(film, tilted), generated(film, -tilted).T
    linear = odd_in_theta(tilted)
    size = np.abs(linear).max()
    out["tilted m: linear in theta against generated + inverse"] = float(np.abs(linear - there - back).max() / size)
    out["tilted m: if the inverse did not know of -m"] = float(np.abs(linear - there - there.T).max() / size)
    solved = solve(bilayer(theta=0.05), np.array([tilted, -tilted]), resolution=FINE)
    sheet, torque = solved.sheet, solved.torque[0, 0]
    out["tilted m: G(m) - G(-m)^T, relative"] = float(np.abs(sheet[0] - sheet[1].T).max() / np.abs(sheet).max())
    out["tilted m: torque + lattice, relative"] = float(np.abs(torque + solved.lattice[0]).max() / np.abs(torque).max())
    for exchange in (0.2, 0.8):
        for rashba, grid in ((0.1, FINE), (0.5, RESONANT)):
            label = f"theta 0.05, u_ex {exchange:g}, u_R {rashba:g}: "
            base, slope = parts(grid, exchange=exchange, rashba=rashba)
            out[label + "interface"] = base
            out[label + "generated, no inverse"] = 0.05 * slope
            out[label + "all"] = beta(bilayer(exchange=exchange, rashba=rashba, theta=0.05), grid=grid)
            out[label + "all, theta reversed"] = beta(bilayer(exchange=exchange, rashba=rashba, theta=-0.05), grid=grid)
        out[f"theta 0.05, u_ex {exchange:g}, u_R 0: all"] = beta(bilayer(exchange=exchange, rashba=0.0, theta=0.05))
    return out


def main(folder: str = "results/boltzmann_bilayer", points: int = 25) -> dict[str, float]:
    """Write every figure and return the numbers."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    found = maps(points)
    save(figure_maps(found), target / "boltzmann_bilayer_maps")
    save(figure_lengths(points), target / "boltzmann_bilayer_lengths")
    save(figure_spin_current(), target / "boltzmann_bilayer_spin_current")
    result = numbers(found)
    for name, value in result.items():
        print(f"{name:76s} {value: .6g}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:2])
