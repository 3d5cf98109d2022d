"""Pictures of the running page: ``python docs/app_pictures.py`` (needs the extra [browser] and Chromium)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from spinstack.samples.starter import starter

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
FESI = """spinstack = 1
title = "Fe-Si"

[[film]]
kind = "ferromagnet"
name = "FeSi"
thickness = "3 nm"
conductivity = "6e5 S/m"
polarization = 0.3
spin_diffusion_length = "3 nm"
dephasing_length = "1 nm"
amr_ratio = "0.1 %"

[[scan]]
plane = "alpha"
"""


def moving() -> str:
    """The film to start from whose magnet moves, with two of its requests."""
    head, *tables = starter("torque", "Pt/Co").split("\n[[")
    kept = [t for t in tables if t.split("]]")[0] not in ("critical_current", "trace", "harmonic_hall", "damping")]
    return "\n[[".join([head, *kept])


@contextmanager
def served(sample: Path) -> Iterator[str]:
    """The address of a page."""
    command = [sys.executable, "-m", "spinstack", "app", str(sample), "--no-browser", "--fresh"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield next(m[0] for line in process.stdout if (m := re.search(r"http://\S+", line)))
    finally:
        process.terminate()
        process.communicate()


def settled(page: Any) -> None:
    page.wait_for_function(
        "() => { const v = window.page.version; const all = [...document.querySelectorAll('.panel')];"
        " return all.length && all.every((p) => p.dataset.version == v && !p.classList.contains('old')); }",
        timeout=120_000,
    )
    page.wait_for_timeout(400)


def main() -> None:
    """Write the pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as program, tempfile.TemporaryDirectory() as folder:
        browser = program.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with served(ROOT / "examples" / "trilayer.toml") as address:
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.goto(address)
            settled(page)
            page.screenshot(path=IMAGES / "app_page.png")
            page.emulate_media(color_scheme="dark")
            page.click("#compare-film")
            field = page.locator("[data-field='thickness'] input[type=text]")
            field.fill("8 nm")
            field.press("Enter")
            page.wait_for_selector(".key i.dashed")
            settled(page)
            page.click("#compare-film")
            page.wait_for_selector("#beside-1")
            field.fill("3 nm")
            field.press("Enter")
            settled(page)
            page.screenshot(path=IMAGES / "app_compare.png")
        sample = Path(folder) / "fesi.toml"
        sample.write_text(FESI, encoding="utf-8")
        with served(sample) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 1150})
            page.goto(address)
            settled(page)
            page.set_input_files("#files", ROOT / "tests" / "data" / "fesi-admr" / "300818E2488-xy")
            page.wait_for_selector("#file-do")
            chosen = {"axis": "angle", "x": "", "reading": "V_xx", "y": "V_xy", "plane": "alpha", "clock": "Time"}
            for name, value in chosen.items():
                page.select_option(f"#file-{name}", value)
            page.fill("#file-current", "0.1 mA")
            page.fill("#file-turns", "1.01")
            page.click("#file-do")
            page.wait_for_selector(".key i.points")
            page.check("[id='free-FeSi.amr_ratio']")
            page.get_by_role("button", name="Fit", exact=True).click()
            page.wait_for_function("() => window.page.data.fit.found?.state === 'done'", timeout=300_000)
            page.get_by_role("button", name="Take its values").click()
            page.wait_for_function("() => window.page.state.undo === 'values of the fit'")
            page.set_viewport_size({"width": 1280, "height": 1500})
            page.evaluate("scrollTo(0, 0)")
            settled(page)
            page.screenshot(path=IMAGES / "app_fit.png")
        sample = Path(folder) / "pt_co.toml"
        sample.write_text(moving(), encoding="utf-8")
        with served(sample) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 1180})
            page.goto(address)
            settled(page)
            page.click("#e-magnet-0")
            page.wait_for_timeout(300)
            page.screenshot(path=IMAGES / "app_magnets.png")
        browser.close()


if __name__ == "__main__":
    main()
