"""The page in a browser: a film from nothing, sliders, undo, measured files, fits, what is exported."""

import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from app_server import served

import spinstack as ss
from spinstack.app.server import frame

ROOT = Path(__file__).parents[2]
FESI = ROOT / "tests" / "data" / "fesi-admr"
RUO2 = str(ROOT / "examples" / "ruo2_py.toml")
ALLOWED = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sync_playwright = None
missing = (
    "no Chromium"
    if CHROMIUM is None
    else "no playwright: pip install 'spinstack[browser]'"
    if sync_playwright is None
    else ""
)
if missing and not os.environ.get("SPINSTACK_BROWSER"):
    pytest.skip(f"without {missing}; the page is not tried", allow_module_level=True)

pytestmark = pytest.mark.study


@pytest.fixture(scope="module")
def browser():
    assert not missing, missing
    with sync_playwright() as program:
        made = program.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def server():
    """One program for all tests that are not about how it is started: each has a session of its own."""
    with served("--fresh") as page:
        yield page.address


@pytest.fixture
def opened(browser, server):
    """A function that opens a page; what it asks of another machine, or complains of, is a failure.

    A sample file is opened as one that is dropped, or with `started` by a program of its own on its command line.
    """
    wrong, contexts = [], []

    def look(page):
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith(ALLOWED) else wrong.append(r.url))
        page.on("dialog", lambda d: d.accept("3"))

    with ExitStack() as stack:

        def open_(sample=None, width=1280, address=None, started=False):
            if started:
                address = stack.enter_context(served(sample, "--fresh")).address
            context = browser.new_context(accept_downloads=True, viewport={"width": width, "height": 900})
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(60_000)
            look(page)
            page.goto(address or server)
            page.wait_for_selector("body[data-connected=open]")
            if sample is not None and not started:
                page.set_input_files("#files", sample)
                page.wait_for_function("() => window.page.state.page.elements.length")
            return page

        yield open_
        for context in contexts:
            context.close()
    assert not wrong


def fresh(page):
    """Wait until every panel shows the newest state."""
    page.wait_for_function(
        "() => { const v = window.page.version; const all = [...document.querySelectorAll('.panel')];"
        " return all.length && all.every((p) => p.dataset.version == v && !p.classList.contains('old')); }"
    )


def add(page, kind, **given):
    page.click("#add")
    page.select_option("#add-kind", kind)
    for name, value in given.items():
        (page.select_option if name in ("contact", "where") else page.fill)(f"#add-{name}", value)
    page.click("#add-do")
    page.wait_for_selector("dialog:not([open])", state="attached")


def set_field(page, name, value):
    field = page.locator(f"[data-field='{name}'] input[type=text]")
    field.fill(value)
    field.press("Enter")


def arrays(page, panel, name):
    """Numbers of a panel as the page has them."""
    one = "[...window.page.panels.panels.values()].find((x) => x.shown.words === p).shown"
    shape = page.evaluate(f"([p, n]) => {one}.data.variables[n].shape", [panel, name])
    return {"shape": shape, "values": page.evaluate(f"([p, n]) => [...{one}.arrays['v:' + n]]", [panel, name])}


def rms(page):
    """Of the residual in the ratio, as the page has it."""
    return page.evaluate(
        "[...window.page.panels.panels.values()].find((x) => x.shown?.residuals?.length).shown.residuals"
        ".find((r) => r.variable === 'MR_xx').rms"
    )


def accessible(page):
    """Nothing is wider than the window, and axe has no complaint."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    if not page.evaluate("'axe' in window"):
        page.evaluate((files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert not found["violations"], json.dumps(
        [(v["id"], [n["html"][:120] for n in v["nodes"]][:4]) for v in found["violations"]]
    )


def save_as(page, tmp_path, what):
    page.click("#export")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=what, exact=True).click()
    target = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


def test_a_film_from_nothing_dragged_compared_with_the_command_line_and_undone(opened, tmp_path):
    page = opened()
    add(page, "metal", name="RuO2", thickness="5 nm")
    add(page, "ferromagnet", name="Py", thickness="4 nm")
    page.wait_for_selector(".panel")
    page.click("ol#film button.name >> text=RuO2 5 nm")
    set_field(page, "conductivity", "2.8e6 S/m")
    set_field(page, "spin_diffusion_length", "8 nm")
    fresh(page)
    slider = page.locator("[data-field='thickness'] input[type=range]")
    before = page.evaluate("window.page.version")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    page.mouse.down()
    for k in range(12):
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.03 * k), box["y"] + box["height"] / 2)
    page.mouse.up()
    fresh(page)
    assert page.evaluate("window.page.version") > before
    states = page.evaluate("window.page.state.undo")
    assert "thickness" in states
    file = save_as(page, tmp_path, "sample file")
    shown = arrays(page, "angular_scan", "R_xx")
    subprocess.run(
        [sys.executable, "-m", "spinstack", "run", str(file), "-o", str(tmp_path / "out")],
        check=True,
        capture_output=True,
    )
    with xr.open_dataset(tmp_path / "out" / "angular_scan.nc", engine="h5netcdf") as found:
        np.testing.assert_array_equal(np.reshape(shown["values"], shown["shape"]), found["R_xx"].values)
    thickness = tomllib.loads(file.read_text())["film"][0]["thickness"]
    assert ss.load_sample(file).get("RuO2.thickness") == pytest.approx(float(thickness.split()[0]) * 1e-9)
    while page.locator("#undo").is_enabled():
        page.click("#undo")
        page.wait_for_timeout(30)
    page.wait_for_function("() => window.page.state.page.elements.length === 0")
    assert page.locator(".panel").count() == 0


def test_a_measured_film_is_laid_over_and_fitted_and_the_script_gives_the_same(opened, tmp_path):
    sample = tmp_path / "fesi.toml"
    sample.write_text(
        'spinstack = 1\ntitle = "Fe-Si"\n\n[[film]]\nkind = "ferromagnet"\nname = "FeSi"\nthickness = "3 nm"\n'
        'conductivity = "6e5 S/m"\npolarization = 0.3\nspin_diffusion_length = "3 nm"\ndephasing_length = "1 nm"\n'
        'amr_ratio = "0.1 %"  # to be found\n\n[[scan]]\nplane = "alpha"\n',
        encoding="utf-8",
    )
    page = opened(str(sample), started=True)
    fresh(page)
    page.set_input_files("#files", FESI / "300818E2488-xy")
    page.wait_for_selector("#file-do")
    page.select_option("#file-axis", "angle")
    page.select_option("#file-x", "")
    page.select_option("#file-reading", "V_xx")
    page.select_option("#file-y", "V_xy")
    page.select_option("#file-plane", "alpha")
    page.select_option("#file-clock", "Time")
    page.fill("#file-current", "0.1 mA")
    page.fill("#file-turns", "1.01")
    page.click("#file-do")
    page.wait_for_function("() => window.page.state.overlays.length === 1")
    page.wait_for_selector(".key i.points")
    page.wait_for_selector(".below canvas")
    assert "rms" in page.inner_text(".below")
    before = rms(page)
    page.click("#compare-film")
    page.wait_for_selector(".below i.dashed")
    assert page.locator(".below li").count() == 2
    assert "(as it was)" in page.locator(".below li").last.inner_text()
    page.click("#unbeside-0")
    page.wait_for_selector(".below i.dashed", state="detached")
    page.check("[id='free-FeSi.amr_ratio']")
    page.check("[id='free-FeSi.conductivity']")
    page.click("#next-add")
    page.wait_for_selector("#next-error")
    page.click("#next-take")
    assert "error: nothing was given" in page.inner_text("dialog")
    accessible(page)
    page.select_option("#next-what", "field_scan")
    page.get_by_label("error of R_xx (Ohm)").wait_for()
    accessible(page)
    page.select_option("#next-what", "magnetoresistance")
    page.get_by_label("error of magnetoresistance").fill("0.001 %")
    page.click("#next-take")
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.click("#next-do")
    page.wait_for_function(
        "() => ['done', 'failed', 'stopped'].includes(window.page.data.fit.found?.state)", timeout=300_000
    )
    assert page.evaluate("window.page.data.fit.found.state") == "done", page.evaluate(
        "JSON.stringify(window.page.data.fit.found)"
    )
    assert page.locator(".matrix td").count() == 4
    assert "What to measure next, for parameters" in page.inner_text(".told")
    accessible(page)
    page.emulate_media(color_scheme="dark")
    accessible(page)
    page.get_by_role("button", name="Take its values").click()
    page.wait_for_function("() => window.page.state.undo === 'values of the fit'")
    fresh(page)
    assert rms(page) < before / 2
    script = save_as(page, tmp_path, "Python script")
    assert "# to be found" in script.read_text()
    shown = arrays(page, "angular_scan", "R_xx")
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(tmp_path / f"{script.stem}_angular_scan.nc", engine="h5netcdf") as found:
        np.testing.assert_array_equal(np.ravel(shown["values"]), np.ravel(found["R_xx"].values))
        spread = float(np.ptp(found["R_xx"].values) / found["R_xx"].values.mean())
    assert spread == pytest.approx(1e-3, rel=2)


def test_every_panel_that_can_be_asked_for_shows_numbers_or_says_why(opened):
    page = opened(RUO2)
    fresh(page)
    count = page.locator(".panel").count()
    for word in ("field_scan", "layer_currents"):
        page.click("#ask")
        page.select_option("#ask-what", word)
        page.click("#ask-do")
        count += 1
        page.wait_for_function("(n) => document.querySelectorAll('.panel').length === n", arg=count)
    page.click("#ask")
    page.select_option("#ask-what", "sphere")
    page.click("#ask-do")
    page.wait_for_selector("[data-panel=sphere] canvas")
    fresh(page)
    assert page.locator(".panel .problem").count() == 0


def test_a_magnet_is_let_go_and_its_loop_is_shown_and_follows_a_slider(opened, tmp_path):
    sample = tmp_path / "film.toml"
    sample.write_text(Path(RUO2).read_text(encoding="utf-8").split("# ---- resistance")[0], encoding="utf-8")
    page = opened(str(sample))
    fresh(page)
    page.click("#ask")
    page.select_option("#ask-what", "equilibrium")
    assert "Let magnets move" in page.inner_text("dialog")
    page.keyboard.press("Escape")
    page.click("#magnets")
    accessible(page)
    page.click("#magnets-do")
    page.click("#e-magnet-0")
    page.click("#ask")
    page.select_option("#ask-what", "equilibrium")
    page.click("#ask-do")
    page.wait_for_function("() => document.querySelectorAll('.panel').length === 4")
    fresh(page)
    assert page.get_by_text("Py x rising", exact=True).count() == 1
    before = arrays(page, "equilibrium", "m")["values"]
    slider = page.locator("[data-field='effective_magnetization'] input[type=range]")
    slider.focus()
    for _ in range(40):
        slider.press("ArrowLeft")
    page.wait_for_function("() => window.page.state.undo.startsWith('effective_magnetization')")
    fresh(page)
    assert arrays(page, "equilibrium", "m")["values"] != before
    page.click("#e-motion")
    assert page.locator("#t-degree").input_value() == ""
    set_field(page, "tolerance", "-1")
    page.wait_for_selector("[data-field='tolerance'] .wrong")
    set_field(page, "tolerance", "1e-3")
    page.wait_for_function("() => window.page.state.undo === 'tolerance = 0.001'")
    set_field(page, "B", "0, 0, 100 mT")
    page.wait_for_function("() => window.page.state.undo.startsWith('B = ')")
    page.select_option("#t-oersted", "false")
    page.wait_for_function("() => window.page.state.undo.startsWith('oersted')")
    page.get_by_label("take tolerance away").click()
    page.wait_for_function("() => window.page.state.undo === 'tolerance = None'")
    fresh(page)
    accessible(page)
    made = tomllib.loads(save_as(page, tmp_path, "sample file").read_text(encoding="utf-8"))
    assert made["magnet"][0]["name"] == "Py"
    assert made["motion"] == {"B": [0, 0, "100 mT"], "oersted": False}


def test_a_wrong_value_is_said_at_the_field_and_costs_nothing(opened):
    page = opened(RUO2)
    fresh(page)
    set_field(page, "thickness", "-3 nm")
    page.wait_for_selector("[data-field='thickness'] .wrong")
    assert "thickness" in page.inner_text("#alerts")
    assert page.evaluate("window.page.state.page.elements[2].thickness") == 4e-9


def test_a_field_that_is_typed_into_keeps_its_text_when_another_tab_edits(opened):
    page = opened(RUO2)
    fresh(page)
    other = "([place, value]) => window.page.socket.ask('set', { values: [[place, value]] })"
    field = page.locator("[data-field='thickness'] input[type=text]")
    name = page.inner_text("#chosen")
    field.fill("")
    field.press_sequentially("7.")
    for value in ("9 nm", "8 nm"):
        page.evaluate(other, [["film", 0, "spin_diffusion_length"], value])
    page.wait_for_function("() => window.page.state.undo.includes('8 nm')")
    assert field.input_value() == "7."
    field.press_sequentially("5 nm")
    field.press("Enter")
    page.wait_for_function("() => window.page.state.undo === 'thickness = 7.5 nm'")
    field.fill("6 nm")
    page.evaluate(other, [["film", 0, "spin_diffusion_length"], "7 nm"])
    page.wait_for_function("() => window.page.state.undo.includes('7 nm')")
    assert field.input_value() == "6 nm"
    assert page.evaluate("window.page.state.page.elements[2].thickness") == 7.5e-9
    field.press("Tab")
    page.wait_for_function("() => window.page.state.undo === 'thickness = 6 nm'")
    field.fill("3 nm")
    page.evaluate("() => window.page.socket.ask('remove', { place: ['film', 2] })")
    page.wait_for_function("() => window.page.state.page.elements.length === 1")
    assert f'"3 nm" was being typed for {name}' in page.inner_text("#alerts")
    assert page.evaluate("window.page.state.page.elements[0].thickness") == 5e-9
    page.evaluate("() => window.page.ask('undo')")
    page.wait_for_function("() => window.page.state.page.elements.length === 3")


def test_earlier_films_another_file_and_another_theory_beside_it(opened):
    page = opened()
    page.get_by_role("button", name="Start from a bilayer").click()
    page.wait_for_selector(".panel")
    fresh(page)
    page.click("#compare-film")
    set_field(page, "thickness", "9 nm")
    page.wait_for_selector(".key i.dashed")
    page.click("#compare-film")
    page.wait_for_selector("#beside-1")
    page.fill("#beside-1", "thick")
    page.press("#beside-1", "Enter")
    page.click("#compare-other")
    page.set_input_files("#beside-file", RUO2)
    page.click("#beside-do")
    page.wait_for_selector("#beside-2")
    page.wait_for_function("() => window.page.panels.beside([...window.page.panels.panels.keys()][0]).length === 3")
    keys = page.locator(".panel .key").first.inner_text()
    assert "(thick)" in keys
    assert "(ruo2_py.toml)" in keys
    page.set_viewport_size({"width": 820, "height": 900})
    accessible(page)
    for _ in range(3):
        page.click("#unbeside-0")
        page.wait_for_timeout(100)
    page.wait_for_selector(".key i.dashed", state="detached")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (820, "light")])
def test_nothing_is_out_of_reach_of_keyboards_and_screen_readers(opened, width, scheme):
    page = opened(RUO2, width=width)
    page.emulate_media(color_scheme=scheme)
    fresh(page)
    accessible(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "film"


def test_two_tabs_are_two_sessions_and_a_page_that_is_loaded_again_is_the_same(opened):
    one = opened(RUO2, started=True)
    other = opened(address=one.url)
    fresh(one)
    set_field(one, "thickness", "6 nm")
    one.wait_for_function("() => window.page.state.canUndo")
    assert not other.evaluate("window.page.state.canUndo")
    one.reload()
    one.wait_for_function("() => window.page.state && window.page.state.canUndo")
    assert one.evaluate("window.page.state.page.elements[2].thickness") == 6e-9
    # a tab that is duplicated has the session of the first, and both hear of each other
    other.evaluate("(name) => sessionStorage.setItem('spinstack', name)", one.evaluate("sessionStorage.spinstack"))
    other.reload()
    other.wait_for_function("() => window.page.state && window.page.state.canUndo")
    set_field(one, "thickness", "7 nm")
    other.wait_for_function("() => window.page.state.page.elements[2].thickness === 7e-9")
    fresh(other)
    assert other.locator("[data-field='thickness'] input[type=text]").input_value() == "7 nm"


def test_a_notebook_shows_it_in_a_frame_where_it_was_named_and_nowhere_else(opened, browser):
    """A page of another origin of this machine, as a notebook is."""
    with notebook() as named, notebook() as other, served("--fresh", "--frame", named.origin) as app:
        named.html = other.html = f"<!doctype html><title>notebook</title>{frame(app.address, height=500)}"
        context = browser.new_context(viewport={"width": 1000, "height": 700})
        page = context.new_page()
        page.goto(named.origin)
        inside = page.frame_locator("iframe")
        inside.locator("body[data-connected=open]").wait_for(timeout=60_000)
        inside.get_by_role("button", name="Start from a bilayer").click()
        inside.locator(".panel").first.wait_for(timeout=60_000)
        refused = []
        page.on("console", lambda m: refused.append(m.text) if "frame-ancestors" in m.text else None)
        page.goto(other.origin)
        page.wait_for_timeout(1500)
        assert refused
        assert page.frame_locator("iframe").locator("#bar").count() == 0
        context.close()


class Notebook:
    """What another server of this machine shows."""

    html = ""
    origin = ""


@contextmanager
def notebook():
    shown = Notebook()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(shown.html.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shown.origin = f"http://localhost:{server.server_port}"
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()
