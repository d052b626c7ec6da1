# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the site of the documentation in ``.cache/site``, without a warning, and follow each link inside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from house import CACHE, ROOT

SITE = CACHE / "site"
PAGES = SITE / "build" / "html"
COLLECTION = "rackspace.identity"
# Core's own pages and variables are on another site, which is not asked: nothing here needs the internet.
# Guides show `../images/...`. antsibull-docs copies no images, and empties the folder of its pages before Sphinx runs.
CONFIGURATION = f"""
import shutil

intersphinx_mapping = {{}}
suppress_warnings = ['ref.ref', 'ref.envvar']
shutil.copytree({str(ROOT / "docs" / "docsite" / "images")!r}, "rst/images")
"""


class Page(HTMLParser):
    """The links of a page, and the places on it that links can lead to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag leads to, and its name."""
        given = dict(attrs)
        self.places |= {given.get("id") or "", given.get("name") or ""}
        link = given.get("href" if tag in ("a", "link") else "src") or ""
        # The theme links to the front page of the site that the pages become part of.
        if link not in ("", "/") and not urlsplit(link).scheme and not link.startswith("//"):
            self.links.add(link)


def build() -> None:
    """Have antsibull-docs and Sphinx build it; a warning is an error."""
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.mkdir(mode=0o755)
    begin = ["antsibull-docs", "sphinx-init", "--use-current", "--squash-hierarchy", "--dest-dir", str(SITE)]
    names = ["--project", COLLECTION, "--title", COLLECTION, "--html-short-title", COLLECTION]
    subprocess.run([*begin, *names, COLLECTION], check=True)
    with (SITE / "conf.py").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION)
    subprocess.run(["bash", str(SITE / "build.sh")], check=True)


def broken_links(folder: Path) -> tuple[int, list[str]]:
    """Return the number of pages, and the links that lead nowhere."""
    pages = {path: Page(path) for path in sorted(folder.rglob("*.html"))}
    broken = [
        f"{path.relative_to(folder)}: {link}"
        for path, page in pages.items()
        for link in sorted(page.links)
        if not _leads_somewhere(path, link, pages)
    ]
    return len(pages), broken


def _leads_somewhere(path: Path, link: str, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return False
    return not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].places


def main() -> None:
    """Build and check; exit with 1 when a link leads nowhere."""
    build()
    count, broken = broken_links(PAGES.resolve())
    print("\n".join(broken))
    print(f"{count} pages")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
