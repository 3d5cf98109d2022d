"""Sphinx configuration: ``sphinx-build -W -b html docs docs/_build/html``. Neither it nor the pages need a network."""

import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "spinstack"
author = "The spinstack developers"
copyright = "2026, The spinstack developers"
project_file = Path(__file__).parents[1] / "pyproject.toml"
version = release = tomllib.loads(project_file.read_text(encoding="utf-8"))["project"]["version"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx-mathjax-offline",
    "sphinx.ext.mathjax",
    "parameters",
    "signatures",
    "tables",
    "built",
]
exclude_patterns = ["_build", "**.ipynb_checkpoints", "jupyter_execute"]

html_theme = "furo"
html_title = "spinstack"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["formulas.js"]
pygments_style = "friendly"
pygments_dark_style = "github-dark"

myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 3

# tutorials run when the pages are built; one that fails fails the build
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

napoleon_use_ivar = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
