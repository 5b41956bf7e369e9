"""Follow every internal link and anchor of the built pages, and list what they load from elsewhere.

    python docs/check.py docs/_build/html

Exits with 1 where a link leads nowhere, or where a page would load a style, a script, a font or a
picture from another host. Plain links to other sites are only counted.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
IN_STYLES = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
NOT_LOADED = {"canonical", "prev", "next", "search", "index"}


class Page(HTMLParser):
    """Anchors, links and loaded resources of one page."""

    def __init__(self, path):
        super().__init__()
        self.path, self.anchors, self.links, self.loaded = path, set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        address = attributes.get(LOADED.get(tag))
        if address and attributes.get("rel") not in NOT_LOADED:
            self.loaded.append(address)
        self.loaded += addresses_in(attributes.get("style") or "")


def addresses_in(style):
    return [first or second for first, second in IN_STYLES.findall(style)]


def is_elsewhere(address):
    return address.startswith("//") or urlsplit(address).scheme in ("http", "https")


def target_of(path, address):
    """The file that an address on the page at `path` means, and the anchor in it."""
    parts = urlsplit(address)
    return (path.parent / unquote(parts.path)).resolve() if parts.path else path, parts.fragment


def is_broken(path, address, pages):
    if is_elsewhere(address) or urlsplit(address).scheme in ("mailto", "data", "javascript"):
        return False
    target, anchor = target_of(path, address)
    if target.is_dir():
        target /= "index.html"
    if target in pages and anchor:
        return unquote(anchor) not in pages[target].anchors
    return not target.exists()


def check(folder):
    """Numbers of pages, links and outside links; what is broken; what is loaded from elsewhere."""
    folder = Path(folder).resolve()
    paths = [p for p in sorted(folder.rglob("*.html")) if "_static" not in p.parts]
    pages = {path: Page(path) for path in paths}
    found = [(page, link) for page in pages.values() for link in [*page.links, *page.loaded]]
    broken = [(page.path, link) for page, link in found if is_broken(page.path, link, pages)]
    loaded = [(page.path, link) for page in pages.values() for link in page.loaded]
    for path in folder.rglob("*.css"):
        loaded += [(path, link) for link in addresses_in(path.read_text(encoding="utf-8"))]
    outside = [(path, link) for path, link in loaded if is_elsewhere(link)]
    n_outside = sum(is_elsewhere(link) for page in pages.values() for link in page.links)
    return len(pages), len(found), n_outside, broken, outside


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/_build/html")
    n_pages, n_links, n_outside, broken, loaded = check(folder)
    if not n_pages:
        sys.exit(f"{folder} holds no pages; `make docs` makes them.")
    for name, found in [("leads nowhere", broken), ("loaded from elsewhere", loaded)]:
        for path, link in found:
            print(f"{name}: {link} in {path.relative_to(folder.resolve())}")
    print(
        f"{n_pages} pages, {n_links - n_outside} links within, {n_outside} to other sites (not "
        f"followed); {len(broken)} lead nowhere, {len(loaded)} resources loaded from elsewhere"
    )
    sys.exit(bool(broken or loaded))


if __name__ == "__main__":
    main()
