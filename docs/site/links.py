"""Which links of a site lead nowhere, and what it would load from elsewhere."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"),
          ("source", "srcset")}  # fmt: skip


@dataclass
class Found(HTMLParser):
    """Addresses that a page holds, and the names that others can link to."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.names.add(value or "")
            elif (tag, name) in LOADED:
                self.loads.append(value or "")
            elif tag == "a" and name == "href":
                self.links.append(value or "")


def read(page: Path) -> Found:
    """What a page holds."""
    found = Found()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def dead(site: Path) -> list[str]:
    """Links to pages, files and headings that are not there, and whatever a page would load from the web."""
    pages = {page.resolve(): read(page) for page in site.rglob("*.html")}
    faults = []
    for page, found in sorted(pages.items()):
        web = [address for address in found.loads if urlsplit(address).scheme in ("http", "https")]
        faults += [f"{page.relative_to(site.resolve())} loads {address}" for address in web]
        faults += [
            f"{page.relative_to(site.resolve())}: {address}"
            for address in found.links + found.loads
            if not urlsplit(address).scheme and not _leads(page, address, pages)
        ]
    return faults


def _leads(page: Path, address: str, pages: dict[Path, Found]) -> bool:
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return False
    return not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].names
