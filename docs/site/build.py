"""Make the static site: every lesson executed, readable without a kernel, without a network and on a phone.

`python docs/site/build.py` (or `make site`) writes `results/site` and `results/site.zip`: open `index.html` there, put
the folder on any web space, or hand out the zip file.
The site mirrors the project: `lessons/06_x.ipynb` becomes `lessons/06_x.html`, `data/README.md` `data/README.html`, and
a file that a page links to comes along, so that links stay as they are written.
"""

import argparse
import json
import os
import re
import shutil
from base64 import b64encode
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import unquote

import nbformat
import reference
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from links import dead
from nbclient import NotebookClient
from render import cell_html, living, markdown, on_github
from tqdm import tqdm

from kit.faces import web
from kit.javascript import script
from kit.teaching.glossary import entries
from kit.widgets import live_head, live_picture, matching, two_halves

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
START = ("README.md", "docs/instructors.md", "lessons/BUDGETS.md")  # pages beside the lessons, as far as they are there
LARGEST = 5e6  # bytes of a file that comes along
ADDRESS = re.compile(r'((?:href|src|srcset)=")([^"#:]+)(#[^"]*)?(?=")')


@dataclass(frozen=True)
class Page:
    """A page of the site: the file it is made of, its title, and its HTML."""

    source: Path
    title: str
    body: str

    @property
    def place(self) -> Path:
        """Where it lies in the site."""
        return self.source.with_suffix(".html")


def run(path: Path, seconds: int = 300) -> nbformat.NotebookNode:
    """A notebook with its outputs, run in its own folder with nobody answering and nothing stored."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=seconds, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
    )  # fmt: skip
    with client.setup_kernel(env=os.environ | {"KIT_HEADLESS": "1"}):
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
    return notebook


@dataclass(frozen=True)
class Lesson:
    """A lesson's page, and what the map of the lessons shows of it."""

    page: Page
    question: str
    minutes: str
    picture: str
    sections: list[tuple[str, str]]

    @classmethod
    def of(cls, source: Path, notebook: nbformat.NotebookNode) -> "Lesson":
        """The page of a notebook."""
        body = "\n".join(cell_html(cell) for cell in notebook.cells)
        words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        title = _first(r"^# (.+)", words) or source.stem
        page = Page(source, title, body)
        picture = _drawn(source) or _first(r'src="(data:image/(?:jpeg|png);base64,[^"]+)"', body)
        sections = re.findall(r'<h2 id="([^"]+)">(.+?)</h2>', body)
        question = _first(r"\*\*The question\.\*\* (.+)", words)
        return cls(page, markdown(question), _first(r"\*\*Minutes:\*\* (\d+)", words), picture, sections)


def _drawn(source: Path) -> str:
    """The address of the lesson's own picture, which carries the picture itself; empty if it has none."""
    path = ROOT / "docs" / "pictures" / "lessons" / f"{source.stem[:2]}.jpg"
    return f"data:image/jpeg;base64,{b64encode(path.read_bytes()).decode()}" if path.exists() else ""


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else ""


class Site:
    """The site in the making: a folder, and what still has to come along.

    Parameters
    ----------
    root : folder of the project, whose tree the site mirrors.
    out : folder of the site; what a former run left there goes.
    has_reference : whether pages lead to the reference of the code.
    """

    def __init__(self, root: Path, out: Path, has_reference: bool = False):
        self.root, self.out, self.has_reference = root, out, has_reference
        shutil.rmtree(out, ignore_errors=True)
        self._waiting: list[Path] = []
        self._done: set[Path] = set()
        templates = Environment(loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=False)
        self._template = templates.get_template("page.html")

    def lessons(self, lessons: list[Lesson]) -> None:
        """Write the pages of the lessons and their map."""
        for before, lesson, after in zip([None, *lessons], lessons, [*lessons[1:], None]):
            self.write(lesson.page, {"lesson": lesson, "before": before, "after": after})
        cards = "\n".join(_card(lesson) for lesson in lessons)
        self.write(Page(Path("index.md"), "Shared Features", _index(cards)))

    def write(self, page: Page, around: dict[str, Lesson | None] | None = None) -> None:
        """Write a page, and note what it links to; the page of a lesson comes with those around it."""
        self._done.add(page.source)
        path = self.out / page.place
        path.parent.mkdir(parents=True, exist_ok=True)
        top = "../" * (len(page.source.parts) - 1)
        body = ADDRESS.sub(lambda link: self._linked(page.source, link), page.body)
        body = with_terms(body, top) if around else body
        around = around or dict.fromkeys(("lesson", "before", "after"))
        path.write_text(self._template.render(page=page, body=body, top=top, site=self, **around), encoding="utf-8")

    def _linked(self, source: Path, link: re.Match) -> str:
        """A link as the site has it: to the page of a notebook or text, or to a file that comes along."""
        target = Path(os.path.normpath(source.parent / unquote(link[2])))
        if (self.root / target).is_file() and target.parts[0] != "..":
            self._waiting.append(target)
        name = re.sub(r"\.(md|ipynb)$", ".html", link[2])
        return link[1] + name + (link[3] or "")

    def finish(self, *texts: str) -> None:
        """Write what pages link to, and what these link to, until nothing is left; then script and style."""
        self._waiting += [Path(text) for text in texts if (self.root / text).exists()]
        while self._waiting:
            source = self._waiting.pop()
            if source not in self._done:
                self._bring(source)
        for name in ("site.css", "plot.js"):
            shutil.copyfile(HERE / name, self.out / name)
        living_parts(self.out)
        from plotly.offline import get_plotlyjs

        (self.out / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")

    def _bring(self, source: Path) -> None:
        file = self.root / source
        if source.suffix == ".md":
            text = file.read_text(encoding="utf-8")
            self.write(
                Page(source, _first(r"^# (.+)", text) or source.stem, f"<article>{markdown(text, on_github)}</article>")
            )
        elif source.suffix != ".ipynb" and file.stat().st_size <= LARGEST:
            self._done.add(source)
            (self.out / source).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, self.out / source)


def _card(lesson: Lesson) -> str:
    picture = f'<img alt="" src="{lesson.picture}">' if lesson.picture else ""
    return (
        f'<li><a href="{lesson.page.place.as_posix()}">{picture}<strong>{escape(lesson.page.title)}</strong></a>'
        f"{lesson.question}<p>{lesson.minutes} minutes</p></li>"
    )


def _index(cards: str) -> str:
    page = (HERE / "index.html").read_text(encoding="utf-8")
    return page.replace("{{ cards }}", cards).replace("{{ living }}", living_face())


def living_face() -> str:
    """The head on the first page."""
    widget = two_halves.TwoHalves()
    left = live_picture.left_behind(widget.frame["picture"], widget.frame["words"])
    return living(widget.living("two-halves"), left)


def living_parts(out: Path) -> None:
    """What pages with living heads load: script, style, and the face model with its constants as a script.

    A page on a disk may load scripts, but neither modules nor files.
    """
    (out / "living.js").write_text(script(HERE / "living.js", "living"), encoding="utf-8")
    (out / "living.css").write_text(live_head.LiveHead._css + matching.MatchingGame._css, encoding="utf-8")
    file = b64encode(web.model_file()).decode()
    model = {"key": "site", "constants": web.constants(), "file": file}
    (out / "face_model.js").write_text(f"globalThis.faceModel = {json.dumps(model)};\n", encoding="utf-8")


def glossary_page(lessons: list[Lesson]) -> Page:
    """All terms, each at its own address, with a link to the lesson that explains it."""
    places = {lesson.page.title[:2]: lesson.page.place.as_posix() for lesson in lessons}

    def linked(lesson: re.Match) -> str:
        return f'→ <a href="{places[lesson[1]]}">lesson {lesson[1]}</a>' if lesson[1] in places else lesson[0]

    rows = "\n".join(f'<li id="{_name(entry.term)}">{entry._repr_html_()}</li>' for entry in entries())
    rows = re.sub(r"→ lesson (\d\d)", linked, rows)
    return Page(Path("glossary.md"), "Glossary", f'<article><h1>Glossary</h1><ul class="terms">{rows}</ul></article>')


def _name(term: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", term.lower())


def with_terms(body: str, top: str) -> str:
    """A page whose bold terms lead to the glossary."""
    known = {name.casefold(): entry.term for entry in entries() for name in entry.names}

    def linked(bold: re.Match) -> str:
        term = known.get(bold[1].casefold())
        return f'<strong><a href="{top}glossary.html#{_name(term)}">{bold[1]}</a></strong>' if term else bold[0]

    return re.sub(r"<strong>([^<]+)</strong>", linked, body)


def build(
    notebooks: list[Path], root: Path, out: Path, execute: bool = True, modules: list[str] | None = None
) -> list[str]:
    """Make the site; return the links within it that lead nowhere.

    Parameters
    ----------
    notebooks : lessons in their order, somewhere in `root`.
    execute : whether to run them; else they are shown as they are.
    modules : of the kit, for the reference; all public ones by default, none in an empty list.
    """
    made = [run(path) if execute else nbformat.read(path, as_version=4) for path in tqdm(notebooks, unit="lesson")]
    site = Site(root, out, has_reference=modules != [])
    if site.has_reference:
        reference.write(out / "reference", modules)
    lessons = [Lesson.of(path.relative_to(root), notebook) for path, notebook in zip(notebooks, made, strict=True)]
    site.lessons(lessons)
    site.write(glossary_page(lessons))
    site.finish(*START)
    # pdoc's pages name members that classes have from elsewhere; what they would load from the web counts all the same.
    return [fault for fault in dead(out) if not fault.startswith("reference/") or " loads " in fault]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the static site of the lessons.")
    parser.add_argument("lessons", nargs="*", type=Path, help="notebooks; all by default")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "site", help="folder of the site")
    parser.add_argument("--no-run", action="store_true", help="do not execute the lessons (a quick look)")
    asked = parser.parse_args()
    notebooks = [path.resolve() for path in asked.lessons] or sorted((ROOT / "lessons").glob("[0-9][0-9]_*.ipynb"))
    faults = build(notebooks, ROOT, asked.out, execute=not asked.no_run)
    size = sum(file.stat().st_size for file in asked.out.rglob("*") if file.is_file())
    bundle = shutil.make_archive(str(asked.out), "zip", asked.out)
    print(f"{len(notebooks)} lessons, {size / 1e6:.1f} MB: {asked.out / 'index.html'}; to hand out: {bundle}")
    if faults:
        raise SystemExit("Links that lead nowhere:\n" + "\n".join(faults))


if __name__ == "__main__":
    main()
