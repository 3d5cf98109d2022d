"""Sample files that the tests of reading, studies and the command line begin with."""

import re

BILAYER = """\
spinstack = 1
title = "a bilayer"

[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
conductivity = "2.8e6 S/m"
spin_diffusion_length = "2 nm"
spin_hall_angle = 0.05

[[film]]
kind = "interface"
conductance_up = "4e14 S/m^2"
conductance_down = "2e14 S/m^2"
mixing_conductance = "6e14 + 0.5e14j S/m^2"

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
conductivity = "4e6 S/m"
polarization = 0.4
spin_diffusion_length = "5 nm"
dephasing_length = "0.5 nm"
"""
#: the same with a filtering interface and an anisotropic magnetoresistance
FILTERING = BILAYER.replace('0.5e14j S/m^2"', '0.5e14j S/m^2"\nfiltering = "2e4 S/m"') + 'amr_ratio = "1 %"\n'
#: the tables of an interface and a ferromagnet, to be put on a film
PY = BILAYER[BILAYER.index('\n[[film]]\nkind = "interface"') :]

WEISS = 'kind = "weiss", spin = 2, surface_density = "3 1/nm^2", density_of_states = "8 1/(eV nm^3)"'
MODEL = f"""\
spinstack = 1
title = "metal on a magnet"

[[film]]
kind = "magnetic_insulator"
name = "F"
magnet = {{{WEISS}, exchange_coupling = "0.1 eV * (0.4 nm)^3", curie_temperature = "20 K"}}

[[film]]
kind = "metal"
name = "Pt"
thickness = "3 nm"
resistivity = "40 uOhm cm"
spin_diffusion_length = "1.5 nm"
spin_hall_angle = 0.08
diffusion_coefficient = "1e-4 m^2/s"
"""
#: the same with conductances in the place of the model
NUMBERS = re.sub(r"(?m)^magnet = .*$", 'mixing_conductance = "1e14 + 1e13j S/m^2"', MODEL)

#: a film that both theories describe, and a choice of the Boltzmann equation
BOTH = """\
spinstack = 1
title = "both theories"

[[film]]
kind = "metal"
name = "Pt"
thickness = "5 nm"
conductivity = "4e6 S/m"
spin_diffusion_length = "3 nm"
spin_hall_angle = 0.1

[[film]]
kind = "interface"
scattering = { kind = "delta_barrier", barrier = 0.4, exchange = 0.2, rashba = 0.05, fermi_wavevector = "13.6 1/nm" }
diffuse_fraction = 0.1

[[film]]
kind = "ferromagnet"
name = "Py"
thickness = "4 nm"
conductivity = "3e6 S/m"
polarization = 0.4
spin_diffusion_length = "4 nm"
precession_length = "2 nm"
"""
SOLVER = '[solver]\nkind = "boltzmann"\nrtol = 1e-2\nspecularity = [0, 0.3]\n'
