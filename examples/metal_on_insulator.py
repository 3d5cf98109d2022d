"""A metal on a para- or ferromagnetic insulator: Figs. 2 to 4 of Zhang, Bergeret, Golovach, Nano Lett. 19, 6330 (2019).

Run ``python examples/metal_on_insulator.py [OUTPUT_FOLDER]``. The film stands in ``metal_on_insulator.toml``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure

import spinstack as ss
from spinstack.figures import save

HERE = Path(__file__).parent
CURIE, EXCHANGE = "magnet.magnet.curie_temperature", "magnet.magnet.exchange_coupling"
BLUE, RED, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "0.45"
PARAMAGNET_T, FERROMAGNET_T = (1.0, 3.0, 10.0, 30.0), (10.0, 50.0, 80.0, 95.0, 120.0)
#: thickness [m] and Gi [S/m^2] of the four kinds of interference: non-local and local, with Gi along and against B
REGIMES = {"1": (2e-9, +6e13), "2": (9e-9, +2e13), "3": (2e-9, -6e13), "4": (9e-9, -2e13)}


def paramagnet(film: ss.Film) -> ss.Film:
    """The film on the same moments without coupling between them."""
    return film.replace({CURIE: 0.0})


def reversed_coupling(film: ss.Film) -> ss.Film:
    """The film with the coupling of moments and electrons reversed."""
    return film.replace({EXCHANGE: -film.get(EXCHANGE)})


def with_numbers(film: ss.Film, thickness: float, exchange: float) -> ss.Film:
    """The metal on a face that has nothing but an exchange field [S/m^2]."""
    face = ss.MagneticInsulator("magnet", mixing_conductance=1j * exchange)
    return face | film[1].replace(thickness=thickness)


def relative(film: ss.Film, field: np.ndarray, direction: str, T: tuple[float, ...]) -> np.ndarray:
    """[R_xx(B) - R_xx(B_y -> 0)]/R_xx(B_y -> 0), (temperatures, fields)."""
    return ss.field_scan(film, field, direction, T=T, reference="y")["MR_xx"].values


def figure_conductances(film: ss.Film) -> Figure:
    """Fig. 2: what the face does, against field (paramagnet at 1 K) and against temperature (ferromagnet)."""
    film = film.replace({EXCHANGE: 2 * film.get(EXCHANGE)})  # 0.2 eV a_c^3
    figure = Figure(figsize=(9.2, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    against_B = ss.face_conductances(paramagnet(film), np.linspace(0, 8, 161), 1.0)
    against_T = ss.face_conductances(film, 1e-6, np.linspace(0, 160, 321))
    for axes, data, x in ((left, against_B, against_B.field), (right, against_T, against_T.temperature)):
        for name, label, colour in (
            ("G_i", "$G_i$ (exchange field)", BLUE),
            ("G_dephasing", "$G_r + G_s/2$ (dephasing)", GREEN),
            ("G_flip", "$G_s/2$ (spin flips)", RED),
        ):
            axes.plot(x, data[name] / data.attrs["G0_S_per_m2"], color=colour, label=label)
        axes.set(ylabel="conductance ($G_0$)", ylim=(0, 8.6))
    left.set(xlabel="B (T)", title="paramagnet, 1 K", xlim=(0, 8))
    right.set(xlabel="T (K)", title="ferromagnet, $T_C$ = 100 K", xlim=(0, 160))
    right.legend(frameon=False, loc="upper right")
    return figure


def figure_regimes(film: ss.Film) -> Figure:
    """Fig. 3: SMR, Hanle and their sum for the four regimes; sign of the initial slope over thickness and exchange."""
    figure = Figure(figsize=(13.2, 4.0), layout="constrained")
    columns = figure.subplots(1, 3, width_ratios=(1, 1, 1.25))
    field = np.linspace(0, 200, 401)
    for axes, names in zip(columns, (("1", "2"), ("3", "4")), strict=False):
        for name, colour in zip(names, (BLUE, GREEN), strict=True):
            thickness, exchange = REGIMES[name]
            one = with_numbers(film, thickness, exchange)
            parts = ss.field_contributions(one, field, "z", m=(0, 0, 1))
            unit = 100 / parts.R_neither
            words = f"{thickness * 1e9:g} nm, $G_i$ = {exchange / 1e13:+g}·10¹³"
            axes.plot(field, (parts.R_xx - parts.R_neither) * unit, color=colour, label=f"{name}: {words}")
            axes.plot(field, parts.smr * unit, ":", color=colour)
            axes.plot(field, parts.hanle * unit, "--", color=colour)
        axes.set(xlabel="B (T)", ylabel="$ΔR_{xx}/R$ (%)", xlim=(0, 200), ylim=(0, 0.075))
        axes.legend(frameon=False, fontsize="small", loc="upper left", title="solid: all, dotted: SMR, dashed: Hanle")
    columns[0].set_title("$G_i$ along B ($J_{sd}$ > 0)")
    columns[1].set_title("$G_i$ against B ($J_{sd}$ < 0)")

    thickness, exchange, slope, critical = regime_map(film)
    size = np.sign(slope) * np.sqrt(np.abs(slope) / np.abs(slope).max())
    mesh = columns[2].pcolormesh(thickness * 1e9, exchange / 1e13, size, cmap="RdBu_r", vmin=-1, vmax=1, shading="auto")
    for sign in (1, -1):
        columns[2].plot(thickness * 1e9, sign * critical / 1e13, "--", color="black", linewidth=1)
    for name, (t, G) in REGIMES.items():
        columns[2].text(t * 1e9, G / 1e13, name, ha="center", va="center", bbox={"boxstyle": "circle", "fc": "white"})
    columns[2].set(
        xlabel="thickness (nm)", ylabel="$G_i$ (10¹³ S/m²)", ylim=(-15, 15), title="initial slope $dR_{xx}/dB$"
    )
    figure.colorbar(mesh, ax=columns[2], label="sign × square root of size (largest: 1)")
    return figure


def regime_map(film: ss.Film) -> tuple[np.ndarray, ...]:
    """Thickness [m], Gi [S/m^2], initial slope (Gi, thickness) [Ohm/T] and critical Gi (thickness)."""
    thickness, exchange = np.linspace(0.5e-9, 12e-9, 116), np.linspace(-15e13, 15e13, 151)
    slope = ss.initial_slope(with_numbers(film, thickness[None, :], exchange[:, None]))
    critical = ss.critical_exchange(with_numbers(film, thickness, 1e13))
    return thickness, exchange, slope, critical


def figure_field(film: ss.Film) -> Figure:
    """Fig. 4: relative resistance against field for both signs of the coupling, temperatures and thicknesses."""
    figure = Figure(figsize=(12.6, 7.2), layout="constrained")
    panels = figure.subplots(2, 3, sharex="col")
    field = np.linspace(0, 10, 201)
    for row, sign in enumerate((1, -1)):
        coupled = film if sign > 0 else reversed_coupling(film)
        for axes, one, temperatures in (
            (panels[row, 0], paramagnet(coupled), PARAMAGNET_T),
            (panels[row, 1], coupled, FERROMAGNET_T),
        ):
            colours = colormaps["viridis"](np.linspace(0, 0.85, len(temperatures)))
            for direction, style in (("z", "-"), ("y", "--")):
                # a ferromagnet keeps its direction as the field goes to zero
                curves = relative(one, np.maximum(field, 1e-9), direction, temperatures)
                for T, curve, colour in zip(temperatures, curves, colours, strict=True):
                    label = f"{T:g} K" if direction == "z" else None
                    axes.plot(field, 100 * curve, style, color=colour, label=label)
        for thickness, colour, style in ((2e-9, BLUE, "--"), (3e-9, GREEN, "--"), (6e-9, RED, "-")):
            one = coupled.replace({"metal.thickness": thickness})
            R = ss.field_scan(one, np.maximum(field, 1e-9), "z", T=10.0)
            panels[row, 2].plot(field, 1e6 * R.MR_xx, style, color=colour, label=f"{thickness * 1e9:g} nm")
        words = "$J_{sd}$ > 0" if sign > 0 else "$J_{sd}$ < 0"
        for axes, kind in zip(panels[row], ("paramagnet", "ferromagnet", "ferromagnet, 10 K"), strict=True):
            axes.set_title(f"{kind}, {words}")
        panels[row, 0].set_ylim(-0.021, 0.0195)
        panels[row, 1].set_ylim(-0.0095, 0.033)
        for axes in panels[row, :2]:
            axes.legend(frameon=False, fontsize="small", loc="lower center", ncols=3, columnspacing=1)
        panels[row, 2].legend(frameon=False, fontsize="small")
        for axes in panels[row, :2]:
            axes.set_ylabel("$[R_{xx}(B) - R_{xx}(B_y{→}0)]/R_{xx}$ (%)")
        panels[row, 2].set_ylabel("$[R_{xx}(B_z) - R_{xx}(B_z{→}0)]/R_{xx}$ (10⁻⁶)")
    for axes in panels[1]:
        axes.set(xlabel="B (T)", xlim=(0, 10))
    for axes in panels.flat:
        axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    figure.text(0.01, 0.005, "solid: B ∥ z (or x), dashed: B ∥ y", fontsize="small")
    return figure


def figure_gap(film: ss.Film) -> Figure:
    """The gap between m along z and along y, which closes at the Curie temperature."""
    figure = Figure(figsize=(4.6, 3.4), layout="constrained")
    axes = figure.subplots()
    T = np.linspace(0, 140, 281)
    for field, style in ((0.0, "-"), (2.0, "--"), (9.0, ":")):
        gap = ss.smr_gap(film, T, field=field)
        axes.plot(T, 100 * gap.ratio, style, color=BLUE, label=f"{field:g} T")
    axes.set(xlabel="T (K)", ylabel="$[R_{xx}(z) - R_{xx}(y)]/R_{xx}(y)$ (%)", xlim=(0, 140))
    axes.legend(frameon=False, title="field along m")
    return figure


def numbers(film: ss.Film) -> dict[str, float]:
    """What the page quotes."""
    magnet = film[0].magnet
    cold = magnet.conductances(B=1.0, T=1.0)
    gap = ss.smr_gap(film, [1e-3, 90.0, 99.0, 100.0])
    thickness = np.array([1e-9, 2e-9, 3e-9, 6e-9])
    critical = ss.critical_exchange(with_numbers(film, thickness, 1e13))
    result = {
        "G0 (S/m2)": float(magnet.characteristic_conductance),
        "Gr at 1 K (S/m2)": cold.mixing.real,
        "Gi at 1 K (S/m2)": cold.mixing.imag,
        **{f"gap at {T:g} K (%)": 100 * float(r) for T, r in zip(gap.temperature, gap.ratio, strict=True)},
        **{f"critical Gi at {1e9 * t:g} nm (S/m2)": G for t, G in zip(thickness, critical, strict=True)},
    }
    for words, one in (("J > 0", film), ("J < 0", reversed_coupling(film))):
        for t in (2e-9, 3e-9, 6e-9):
            slope = ss.initial_slope(one.replace({"metal.thickness": t}), T=10.0)
            R = ss.sheet_resistance(one.replace({"metal.thickness": t}), m=(0, 0, 1), T=10.0)[0, 0]
            result[f"slope of R_xx/R at {1e9 * t:g} nm, {words} (1e-6/T)"] = 1e6 * slope / R
        R = ss.sheet_resistance(one, B=(0, 0, 1.0), T=10.0)
        result[f"R_xy at 1 T, {words} (Ohm)"] = R[1, 0]
    # the steepest fall of R_xx with field in a paramagnet at 1 K: field and slope
    field = np.linspace(0.02, 10, 500)
    curve = relative(paramagnet(film), field, "z", (1.0,))[0]
    slope = np.gradient(curve, field)
    result["paramagnet at 1 K, J > 0: field of the maximum (T)"] = field[np.argmax(curve)]
    result["paramagnet at 1 K, J > 0: steepest fall (1e-6/T)"] = 1e6 * slope.min()
    return result


def main(folder: str = "results/metal_on_insulator") -> dict[str, float]:
    """Write every figure and return the numbers."""
    film = ss.load_sample(HERE / "metal_on_insulator.toml")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    save(figure_conductances(film), target / "insulator_conductances")
    save(figure_regimes(film), target / "insulator_regimes")
    save(figure_field(film), target / "insulator_field")
    save(figure_gap(film), target / "insulator_gap")
    result = {name: float(value) for name, value in numbers(film).items()}
    for name, value in result.items():
        print(f"{name:54s} {value: .6g}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
