"""Fit files that tests begin with."""

import re

from spinstack.samples.starter import starter

#: the file that ``spinstack new --template fit`` writes
FIT = starter("fit", "fit.toml")
#: three parameters of the same series, thicknesses as they are and ratios to 5 %, no profiles
SMALL = (
    re.sub(r"(?s)\[\[fit.parameter\]\]\npath = \"YIG.*?(?=# ---- what was measured)", "", FIT)
    .replace("starts = 10 ", "profiles = false\nstarts = 4 ")
    .replace('relative = "1 %"', 'relative = "5 %"')
)
