"""The static site: complete, linked, readable without a kernel or a network, and silent on answers."""

import importlib
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from lab import FLAGS, SCRIPTS, chromium, missing
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

pytest.importorskip("latex2mathml", reason="pip install -c constraints.txt -e '.[site]'")
ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "lessons").glob("[0-9][0-9]_*.ipynb"))
HEADER = """# 06 · A small lesson

**The question.** Is $x < y$ a formula?

**Minutes:** 20 (runs in 5 s, 400 MB)"""
SECTION = "## 1. First (8 minutes)\n\nA **caricature** of [the data](../data/README.md): $$\\frac{a}{b}$$"
QUESTION = """check(
    "06-c", "Is it?", ["yes", "no"], "yes", {"yes": "SOLVED-BY-SOURCE", "no": "Look."}, hint="Hm.")"""
REVEAL = """reveal(
    "06-p", "a", "Because.", show=lambda: plots.show(plots.scree([0.7, 0.3]), alt="A steep curve, then flat."))"""
FIGURE = """from kit import plots
from kit.teaching import check, predict, reveal
plots.show(plots.scree([0.7, 0.2, 0.1]), alt="Three shares </script> of variance, falling steeply from the first.")"""


@pytest.fixture(scope="module")
def site_modules():
    """The builder's modules, which are programs and in no package."""
    sys.path.insert(0, str(ROOT / "docs" / "site"))
    yield importlib.import_module("build"), importlib.import_module("links")
    sys.path.remove(str(ROOT / "docs" / "site"))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A small project with two lessons that link to each other and to a text."""
    root = tmp_path_factory.mktemp("project")
    for folder in ("lessons", "data", "docs"):
        (root / folder).mkdir()
    (root / "README.md").write_text("# Read me\n\n![a face](docs/face.jpg)")
    (root / "docs" / "face.jpg").write_bytes(b"jpeg")
    (root / "docs" / "instructors.md").write_text("# Guide\n")
    (root / "data" / "README.md").write_text("# Data\n\n[licence](../LICENSE)")
    (root / "LICENSE").write_text("CC0")
    (root / "lessons" / "BUDGETS.md").write_text("# Budgets\n")
    cells = [
        new_markdown_cell(HEADER),
        new_markdown_cell(SECTION),
        new_code_cell(FIGURE),
        new_code_cell('predict("06-p", "Which?", ["a", "b"])'),
        new_code_cell(REVEAL),
        new_code_cell("from kit import widgets\nwidgets.explore_faces('design', 'view')"),
        new_code_cell(QUESTION, metadata={"jupyter": {"source_hidden": True}}),
        new_markdown_cell("[up](#1.-First-(8-minutes)) and [next](07_other.ipynb)"),
    ]
    nbformat.write(new_notebook(cells=cells), root / "lessons" / "06_small.ipynb")
    other = [new_markdown_cell("# 07 · Other\n\n[back](06_small.ipynb#1.-First-(8-minutes))")]
    nbformat.write(new_notebook(cells=other), root / "lessons" / "07_other.ipynb")
    return root


@pytest.fixture(scope="module")
def site(project, site_modules):
    """Its site."""
    out = project / "results" / "site"
    notebooks, modules = sorted((project / "lessons").glob("*.ipynb")), ["kit.blas", "kit.analysis.crossed"]
    faults = site_modules[0].build(notebooks, project, out, modules=modules)
    assert faults == []
    return out


def test_every_page_and_what_it_links_to_is_there(site):
    for place in ("index.html", "glossary.html", "README.html", "data/README.html", "LICENSE", "docs/face.jpg"):
        assert (site / place).exists(), place
    index = (site / "index.html").read_text()
    assert index.index("lessons/06_small.html") < index.index("lessons/07_other.html") and "20 minutes" in index


def test_a_lesson_shows_what_it_does_and_hides_what_it_asks(site):
    page = (site / "lessons" / "06_small.html").read_text()
    assert '<span class="kn">from</span>' in page and "predict(" not in page and "reveal(" not in page
    above, folded = page.split("<summary>Solution</summary>")
    assert "SOLVED-BY-SOURCE" not in above and "SOLVED-BY-SOURCE" in folded
    result = page.split("<summary>Result: decide first, then open</summary>")[1]
    assert "<details><summary>The result, shown" in result and 'rel="next" href="../lessons/07_other.html"' in page
    assert '<a href="../glossary.html#caricature">caricature</a>' in page


def test_formulas_and_figures_need_no_network(site):
    page = (site / "lessons" / "06_small.html").read_text()
    assert page.count("<math") == 2 and "<mfrac>" in page
    assert "$" not in re.sub("<script.*?</script>", "", page, flags=re.DOTALL)
    assert "<figcaption>Three shares &lt;/script&gt; of variance" in page
    packed = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1]
    assert "falling steeply" not in packed, "the sentence is in the caption and not drawn into the figure"
    assert (site / "plotly.min.js").stat().st_size > 1e6
    assert not re.search(r"(src|href)=\"(https?:)?//(?!doi|www|arxiv)", page)


def test_the_reference_has_docstrings_and_source_and_every_page_leads_to_it(site):
    page = (site / "reference" / "kit" / "analysis" / "crossed.html").read_text()
    assert "Interval of a mean over observers and identities" in page and "n_observers, n_identities" in page
    assert "View Source" in page and "_satterthwaite" in page
    assert 'href="../reference/index.html">Reference' in (site / "lessons" / "06_small.html").read_text()


def test_all_public_modules_are_in_the_reference(site_modules):
    import reference

    found = reference.modules()
    assert {"kit", "kit.networks.lesioned.lesions", "kit.study.statements", "kit.widgets.penalty"} <= set(found)
    assert not [name for name in found if "._" in name]


def test_dead_links_and_foreign_scripts_are_found(site_modules, tmp_path):
    (tmp_path / "a.html").write_text(
        '<h2 id="here"></h2><a href="#here">1</a><a href="#gone">2</a><a href="b.html">3</a><a href="a.html#no">4</a>'
        '<a href="https://example.org">5</a><script src="https://cdn.example.org/x.js"></script><img src="no.png">'
    )
    assert site_modules[1].dead(tmp_path) == [
        "a.html loads https://cdn.example.org/x.js",
        *("a.html: #gone", "a.html: b.html", "a.html: a.html#no", "a.html: no.png"),
    ]


def test_the_real_lessons_have_no_dead_link(site_modules, tmp_path):
    assert site_modules[0].build(LESSONS, ROOT, tmp_path / "site", execute=False, modules=[]) == []


@pytest.mark.browser
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_a_page_reads_on_a_phone_and_in_the_dark(site, width, scheme, tmp_path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((site / "lessons" / "06_small.html").as_uri())
        page.locator(".plot svg.main-svg").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.add_script_tag(path=ROOT / "tests/support/lab.js")
        assert page.evaluate("lab.faint('main > *:not(figure), header, footer')") == []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
        page.get_by_text("The result, shown").click()
        page.locator("details .plot svg.main-svg").first.wait_for()
        page.screenshot(path=Path(os.environ.get("KIT_SCREENSHOTS", tmp_path)) / f"site-{width}-{scheme}.png")
        browser.close()
    assert not errors


@pytest.fixture
def chrome():
    """A Chromium without any network."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else [*FLAGS]
        yield lambda *more: playwright.chromium.launch(executable_path=chromium(), args=[*flags, *more])


@pytest.mark.browser
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("scheme, width", [("light", 1200), ("dark", 390)])
def test_heads_live_in_a_page_on_a_disk(site, chrome, scheme, width, tmp_path):
    page = chrome().new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    pictures = Path(os.environ.get("KIT_SCREENSHOTS", tmp_path))
    page.goto((site / "index.html").as_uri())
    head = page.locator(".tk-head")
    head.wait_for()
    texture = page.get_by_role("slider", name="his texture")
    texture.focus()
    before = head.screenshot()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    page.locator("figcaption", has_text="100 % of his shape and 0 % of his texture").wait_for()
    assert head.screenshot() != before
    page.screenshot(path=pictures / f"site-front-{width}-{scheme}.png")
    page.goto((site / "lessons" / "06_small.html").as_uri())
    head = page.locator("[data-living=face-explorer] .tk-head")
    page.locator("[data-living=face-explorer]").scroll_into_view_if_needed()
    head.wait_for()
    head.focus()
    page.keyboard.press("ArrowRight")
    page.locator("figcaption", has_text="turned 2° right").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.add_script_tag(path=SCRIPTS)
    assert page.evaluate("lab.faint('[data-living]')") == []
    page.locator("[data-living]").screenshot(path=pictures / f"site-explorer-{width}-{scheme}.png")
    assert not errors


@pytest.mark.browser
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("without", ["webgl", "script"])
def test_where_heads_cannot_live_their_picture_and_sentence_stay(site, chrome, without):
    browser = chrome(*(["--disable-3d-apis"] if without == "webgl" else []))
    page = browser.new_context(java_script_enabled=without != "script").new_page()
    page.goto((site / "index.html").as_uri())
    assert page.get_by_role("img", name="Leo with 100 % of his shape").is_visible()
    assert page.locator("figcaption", has_text="Leo with 100 %").is_visible()
    assert page.locator(".tk-head").count() == 0


def test_the_readme_is_short_and_says_in_its_first_lines_that_observers_are_simulated():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert "Observers are *simulated*" in " ".join(lines[:6])
    film, still = (ROOT / "docs" / "pictures" / f"lesson.{kind}" for kind in ("webp", "jpg"))
    assert film.stat().st_size <= 2e6 and still.exists()
