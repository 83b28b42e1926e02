"""A head that lives in the page: moved by mouse, touch and keyboard, with a kernel, a busy one and none."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOW = "from kit import faces, widgets\nexplorer = widgets.explore_faces('design', 'view')\nexplorer"
PAINTED = """() => [...document.querySelectorAll(".tk-matching-game canvas")].every((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(86, 86, 1, 1);
    return data[3] === 255 && data[0] !== data[2];
})"""
BUSY = """
import os, time
from pathlib import Path
while not (Path(os.environ["KIT_STUDENT_DIR"]) / "free").exists():
    time.sleep(0.1)
"""
HEAD, LAMP = ".tk-face-explorer .tk-head", ".tk-face-explorer .tk-lamp"


@pytest.fixture
def explorer(lab):
    """A notebook with the explorer, whose head is alive."""
    opened = lab.open(new_notebook(cells=[new_code_cell(SHOW)]))
    opened.run_all()
    opened.widget("face-explorer").locator("canvas").wait_for()
    return opened


def run(notebook, source: str) -> str:
    """What a new cell of the notebook prints, once it has run."""
    notebook.page.evaluate(
        """async (source) => {
            const { sessionContext } = jupyterapp.shell.currentWidget;
            const future = sessionContext.session.kernel.requestExecute({ code: source });
            window.printed = "";
            future.onIOPub = ({ content }) => { window.printed += content.text ?? (content.traceback ?? []).join(""); };
            await future.done;
        }""",
        source,
    )
    return notebook.page.evaluate("printed")


def caption(notebook, words: str) -> None:
    """Wait until the sentence has these words."""
    notebook.widget("face-explorer").locator("figcaption", has_text=words).wait_for()


def drag(page, selector: str, across: float, down: float) -> None:
    box = page.locator(selector).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=4)
    page.mouse.up()


def test_head_and_lamp_go_with_mouse_and_keys(explorer):
    page = explorer.page
    assert page.locator(".tk-face-explorer").count() == 1, "what the cell returns is not shown a second time"
    assert "FaceExplorer" not in page.locator(".jp-OutputArea").first.inner_text(), "nor in words"
    drag(page, HEAD, 40, 0)
    caption(explorer, "° right")
    explorer.press("Home")
    caption(explorer, "seen from the front")
    explorer.press("ArrowLeft", "ArrowLeft", "Shift+ArrowUp")
    caption(explorer, "turned 4° left, nodding 10° up")
    yaw = page.locator(".tk-face-explorer input[name=yaw]")
    assert yaw.input_value() == "-4" and yaw.get_attribute("aria-valuetext") == "−4°"
    drag(page, LAMP, 20, -20)
    caption(explorer, "lamp at +69° across and +69° up")
    explorer.press("ArrowLeft")
    caption(explorer, "lamp at +67° across")
    assert page.locator(LAMP).get_attribute("aria-label").startswith("Lamp at 67° across and 69° up.")
    page.get_by_role("button", name="Back to the start").click()
    caption(explorer, "seen from the front, lamp at 0° across and +30° up")
    assert not explorer.errors


def test_python_sees_the_face_and_sets_it(explorer):
    explorer.focus(explorer.page.locator(".tk-face-explorer input[name=age]"))
    explorer.press("ArrowRight", "ArrowRight")
    caption(explorer, "32 years")
    explorer.page.wait_for_timeout(300)  # Python hears when the hand rests
    assert run(explorer, "print(explorer.face.age, explorer.face.render(64).shape)").strip() == "[32.] (1, 64, 64, 3)"
    run(explorer, "explorer.face = faces.load().sample(1, 'male', 61, 'asian', rng=2).with_expression('happy')")
    caption(explorer, "Male, 61 years, asian archetype; identity from Python at 1.00")
    assert explorer.page.locator(".tk-face-explorer input[name=age]").input_value() == "61"
    assert "True" in run(explorer, "print((explorer.face.shape == faces.load().sample(1, rng=2).shape).all() or "
                         "explorer.face.expression.max() == 1)")  # fmt: skip


def test_nothing_waits_for_a_busy_or_dead_kernel(lab, explorer):
    page = explorer.page
    page.evaluate("""code => { jupyterapp.shell.currentWidget.sessionContext.session.kernel
        .requestExecute({ code }); }""", BUSY)  # fmt: skip
    yaw = page.locator(".tk-face-explorer input[name=yaw]")
    explorer.each_key_changes(".tk-face-explorer .tk-picture", yaw, ["ArrowRight"] * 8)
    assert page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.status") == "busy"
    lab.server.student.mkdir(exist_ok=True)
    (lab.server.student / "free").touch()
    heard = (run(explorer, "print(explorer.values['yaw'])").strip() for _ in range(50))
    assert "8" in heard, "Python hears it when it has time"
    lab.server.end_kernels()
    explorer.focus(page.locator(HEAD))
    explorer.press("ArrowLeft")
    caption(explorer, "turned 6° right")


def test_the_game_is_played_without_a_kernel(lab):
    opened = lab.open(new_notebook(cells=[new_code_cell("from kit import widgets\nwidgets.matching_game(2)")]))
    opened.run_all()
    game = opened.widget("matching-game")
    opened.page.wait_for_function(PAINTED)
    lab.server.end_kernels()
    opened.focus(game.locator("[data-id=face-0]"))
    for number in (2, 0):
        opened.press("Tab", "Enter")
        game.locator(".tk-right, .tk-wrong").wait_for()
        opened.page.locator("[data-id=next]:focus").wait_for()
        opened.press("Enter")
        game.get_by_text(f"Round {number} of 2" if number else "The game is over").wait_for()
        opened.page.wait_for_function(PAINTED)
    game.get_by_text("Guessing finds one in four.").first.wait_for()
    opened.press("Enter")
    game.get_by_text("Round 1 of 2, 0 right so far").wait_for()


def test_a_widget_that_is_shown_twice_is_one(explorer):
    explorer.page.evaluate("jupyterapp.commands.execute('notebook:insert-cell-below')")
    explorer.page.evaluate("""() => {
        const { content } = jupyterapp.shell.currentWidget;
        content.activeCell.model.sharedModel.setSource("explorer");
    }""")
    explorer.page.evaluate("jupyterapp.commands.execute('notebook:run-cell') && null")
    canvases = explorer.page.locator(".tk-face-explorer canvas")
    canvases.nth(1).wait_for()
    explorer.focus(explorer.page.locator(HEAD).nth(1))
    explorer.press("ArrowRight")
    for k in range(2):
        explorer.page.locator(".tk-face-explorer figcaption", has_text="turned 2° right").nth(k).wait_for()


def test_a_page_that_is_loaded_again_shows_the_face_as_it_was(lab, explorer):
    explorer.focus(explorer.page.locator(HEAD))
    explorer.press("ArrowRight")
    caption(explorer, "turned 2° right")
    assert "2" in (run(explorer, "print(explorer.values['yaw'])").strip() for _ in range(50))
    explorer.save()
    explorer.page.close()
    again = lab.reopen(explorer.path)
    again.widget("face-explorer").locator("canvas").wait_for()
    caption(again, "turned 2° right")
    assert again.page.locator(".tk-face-explorer input[name=yaw]").input_value() == "2"


def test_a_finger_turns_the_head_and_scrolls_the_page(explorer):
    """Across is the head's, up and down is the page's: no trap for those who scroll."""
    page = explorer.page
    assert page.locator(HEAD).evaluate("head => getComputedStyle(head).touchAction") == "pan-y"
    client = page.context.new_cdp_session(page)
    box = page.locator(HEAD).bounding_box()
    x, y = box["x"] + 100, box["y"] + 150

    def touch(kind: str, at: list[tuple[float, float]]) -> None:
        points = [{"x": left, "y": top} for left, top in at]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", [(x, y)])
    for k in range(1, 9):
        touch("touchMove", [(x + 6 * k, y)])
    touch("touchEnd", [])
    caption(explorer, "° right")


def test_a_phone_shows_all_of_it(explorer):
    page = explorer.page
    page.evaluate("jupyterapp.commands.execute('application:toggle-left-area') && null")
    page.set_viewport_size({"width": 390, "height": 800})
    box = explorer.widget("face-explorer").bounding_box()
    picture = page.locator(HEAD).bounding_box()
    assert picture["width"] > 100 and picture["x"] + picture["width"] <= box["x"] + box["width"]
    edge = box["x"] + box["width"]
    for control in page.locator(".tk-face-explorer .tk-row :is(span, input, select, output)").all():
        within = control.bounding_box()
        assert within is None or within["x"] + within["width"] <= edge, control.inner_text()
    for theme in ("light", "dark"):
        explorer.theme(theme)
        explorer.screenshot(f"head-390-{theme}", explorer.widget("face-explorer"))


def test_without_webgl_python_draws(lab):
    """The kernel's picture, with its controls as ever, and a sentence that says so."""
    lab.restart("--disable-3d-apis")
    opened = lab.open(new_notebook(cells=[new_code_cell(SHOW), new_code_cell("widgets.matching_game()")]))
    opened.run_all()
    opened.widget("matching-game").locator("[data-id=face-0]").scroll_into_view_if_needed()
    opened.page.wait_for_function(PAINTED)
    explorer = opened.widget("face-explorer")
    explorer.get_by_text(
        "Python draws this face, and it follows a moment later: this browser has no WebGL2."
    ).wait_for()
    opened.focus(explorer.locator("input[name=age]"))
    opened.press("ArrowRight")
    caption(opened, "31 years")
    assert explorer.locator("img").get_attribute("alt").startswith("Female, 31 years")
    run(opened, "explorer.face = faces.load().sample(1, 'male', 61, 'asian', rng=2)")
    caption(opened, "Male, 61 years, asian archetype")
