"""``spinstack new``: a commented sample file to start from."""

from __future__ import annotations

import os
from pathlib import Path

from spinstack.cli import console
from spinstack.stack import ParameterError

STARTER = """\
# A film and what to compute about it. Try:  spinstack show {name}   then   spinstack run {name}
# Values are text with a unit; anything that converts will do ("5 nm", "36 uOhm cm", "2.8e6 S/m").
spinstack = 1                 # version of this file format
title = "RuO2/Py bilayer"

# ---- the film, from the bottom to the top -----------------------------------------------------------------------
[[film]]
kind = "metal"
name = "RuO2"
thickness = "5 nm"
conductivity = "2.8e6 S/m"
spin_diffusion_length = "2 nm"
spin_hall_angle = 0.05        # positive: E along x drives a spin current along z with spin along y

[[film]]
kind = "interface"            # leave an interface out for perfect contact
conductance_up = "4e14 S/m^2"
conductance_down = "2e14 S/m^2"
mixing_conductance = "6e14 + 0.5e14j S/m^2"   # at least (up + down)/2
filtering = "2e4 S/m"         # interface-generated spin current
# reciprocal = 0              # switches its inverse off (breaks Onsager's relation)
# spin_memory_loss = 0.3

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
conductivity = "4e6 S/m"
polarization = 0.4
spin_diffusion_length = "5 nm"
dephasing_length = "0.5 nm"
amr_ratio = "0.5 %"

# A superlattice:  [[film]] / repeat = 10 / elements = [{{ kind = "metal", ... }}, {{ kind = "ferromagnet", ... }}]
# A library material:  material = "Pt" beside kind and thickness; see  spinstack materials

# ---- what to compute; with nothing here: all three planes and a profile for m along y ---------------------------
[[scan]]                      # resistance while m turns: alpha x to y, beta y to z, gamma x to z
plane = ["alpha", "beta", "gamma"]
angles = {{ start = "0 deg", stop = "360 deg", points = 361 }}
field = "0 T"                 # along the turning direction

[[profile]]                   # spin accumulation and currents against height
m = [0, 1, 0]                 # or a table: m = {{ Py = [0, 1, 0] }}
E = ["1 V/m", "0 V/m"]

[[torque]]                    # torque on each magnet while m turns
plane = "gamma"

[[map]]                       # an observable over one parameter (curve) or two (map)
name = "mr_map"
observable = {{ name = "magnetoresistance", plane = "beta" }}
# others: spin_current_mr_ratio (layer), sheet_resistance (m, component), average_spin_current (layer, m, component),
#         perpendicular_resistance (m)

[map.over]
"RuO2.thickness" = {{ start = "1 nm", stop = "20 nm", points = 41 }}
"RuO2|Py.mixing_conductance.real" = {{ start = "3e14 S/m^2", stop = "1e16 S/m^2", points = 41, spacing = "log" }}

# Any of these may set parameters for itself:  set = {{ "RuO2|Py.reciprocal" = 0 }}

# [perpendicular]             # resistance times area for current along z
# m = [0, 1, 0]

# [output]
# directory = "results/ruo2_py"
# figures = ["png", "pdf"]    # [] for none
"""

INSULATOR = """\
# A metal on a magnetic insulator, whose face follows field and temperature.
# Try:  spinstack show {name}   then   spinstack run {name}
spinstack = 1                 # version of this file format
title = "Pt on EuS"

# ---- the film, from the bottom to the top -----------------------------------------------------------------------
[[film]]
kind = "magnetic_insulator"
name = "EuS"

[film.magnet]                 # local moments in mean field; also "ferrimagnet" and "antiferromagnet"
kind = "weiss"
material = "EuS"              # spin, moments per area and Curie temperature; or give them yourself:
# spin = 3.5
# surface_density = "5.6 1/nm^2"
# curie_temperature = "16.6 K"              # leave it out for a paramagnet
exchange_coupling = "6 eV angstrom^3"       # with the electrons of the metal; "0.1 eV * (0.4 nm)^3" is read, too
density_of_states = "8 1/(eV nm^3)"         # of the metal, per spin
# anisotropy_field = "-1 T"                 # negative: the plane across easy_axis is easy
# easy_axis = [0, 0, 1]

[[film]]
kind = "metal"
name = "Pt"
thickness = "3 nm"
resistivity = "40 uOhm cm"
spin_diffusion_length = "1.5 nm"
spin_hall_angle = 0.08
density_of_states = "8 1/(eV nm^3)"         # gives the diffusion coefficient, which sets Hanle precession

# ---- what to compute: T is needed wherever the film is ----------------------------------------------------------
[[field_scan]]                # resistance against field; the magnet follows it
direction = ["x", "y", "z"]
field = {{ start = "-9 T", stop = "9 T", points = 181 }}
T = "5 K"                     # or several
contributions = true          # insulator, precession and their interference by themselves

[[temperature_scan]]          # gap between m along z and along y
T = {{ start = "2 K", stop = "40 K", points = 77 }}
gap = true
field = "1 T"

[[face_conductances]]         # what the face does to the electrons' spin
B = ["0.1 T", "1 T", "9 T"]
T = {{ start = "1 K", stop = "60 K", points = 119 }}

[[scan]]                      # resistance while m and the field turn
plane = "beta"
field = "1 T"
T = "5 K"

[[map]]                       # an observable over one parameter (curve) or two (map)
name = "slope"
observable = "initial_slope"  # dR_xx/dB without field
T = "5 K"

[map.over]
"Pt.thickness" = {{ start = "1 nm", stop = "10 nm", points = 37 }}
"EuS.magnet.exchange_coupling" = {{ start = "-10 eV angstrom^3", stop = "10 eV angstrom^3", points = 41 }}

# Any of these may set parameters for itself:  set = {{ "EuS.magnet.spin" = 2 }}
"""
#: starter files by the word that asks for them
TEMPLATES = {"bilayer": STARTER, "insulator": INSULATOR}


def new(file: Path, force: bool, template: str = "bilayer") -> int:
    """Write the starter file; returns the exit code. An existing file is replaced only with `force`."""
    if file.is_dir():
        raise ParameterError(f"{file}: is a folder. Give the name of a file, such as {file / 'sample.toml'}.")
    if not file.parent.is_dir():
        raise ParameterError(f"{file}: the folder {file.parent} does not exist. Make it first.")
    text = TEMPLATES[template].format(name=file)
    if not force:
        try:
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except FileExistsError:
            raise ParameterError(f"{file}: exists already. Give another name, or --force to replace it.") from None
    else:
        temporary = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            temporary.write_text(text, encoding="utf-8", newline="\n")
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
    console.output().print(f"Wrote {file}. Next: spinstack show {file}", markup=False, soft_wrap=True)
    return 0
