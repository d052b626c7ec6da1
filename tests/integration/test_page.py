# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a QR code in a real browser: what a phone sees, on screens large and small and on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from integration.harness import rows
from integration.harness.browser import BROWSER

from ansible_collections.rackspace.identity.plugins.plugin_utils import page
from ansible_collections.rackspace.identity.plugins.plugin_utils.enrollment import read

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Rackspace:phone?secret={SECRET}&issuer=Rackspace"
HOSTILE = """<script>document.title="ran"</script>"><img src=x onerror=alert(1)>&amp;'{{ 7 * 7 }}$uri"""
LONG = "a-very-long-name-" * 12

needs_browser = pytest.mark.skipif(not (BROWSER and shutil.which("zbarimg")), reason="no chromium or no zbarimg here")
pytestmark = pytest.mark.xdist_group("browser")
Browse = Callable[..., Any]


def html(account: str = "jane", device: str = "phone", uri: str = URI) -> str:
    enrollment = read({"secret": SECRET, "key_uri": uri, "username": account, "device_name": device})
    assert enrollment is not None
    return page.render(enrollment).decode("utf-8")


@pytest.fixture(name="browse")
def _browse(browser: Any, tmp_path: Path) -> Iterator[Browse]:
    """Open a page in a window of its own. It is closed with the test: open ones would cost until the browser ends."""
    opened: list[Any] = []

    def browse(text: str, width: int = 1280, height: int = 1024, **window: Any) -> Any:
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        opened.append(browser.new_page(viewport={"width": width, "height": height}, **window))
        opened[-1].goto(file.as_uri())
        return opened[-1]

    yield browse
    for one in opened:
        one.close()


def scan(image: Path) -> str:
    done = subprocess.run(["zbarimg", "--raw", "-q", str(image)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"no QR code in {image.name}: {done.stderr}"
    return done.stdout.removesuffix("\n")


@needs_browser
@pytest.mark.parametrize("width", rows({"desk": 1280, "phone": 390, "small phone": 320}))
@pytest.mark.parametrize("name", rows({"plain": "phone", "long": LONG, "hostile": HOSTILE}, quick=3))
def test_screenshot_gives_the_uri(browse: Browse, tmp_path: Path, width: int, name: str) -> None:
    shot = tmp_path / "shot.png"
    browse(html(device=name), width, 1800, device_scale_factor=2).screenshot(path=shot)
    assert scan(shot) == URI


@pytest.mark.thorough
@needs_browser
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="no pdftoppm here")
def test_print_gives_the_uri(browse: Browse, tmp_path: Path) -> None:
    browse(html()).pdf(path=tmp_path / "page.pdf")
    subprocess.run(["pdftoppm", "-r", "100", "-png", "page.pdf", "sheet"], cwd=tmp_path, check=True)
    (sheet,) = tmp_path.glob("sheet*.png")
    assert scan(sheet) == URI


@needs_browser
def test_names_are_text_in_the_browser(browse: Browse) -> None:
    shown = Seen(browse(html(account=HOSTILE, device=HOSTILE)).content())
    assert shown.title == f"OTP device {HOSTILE} of {HOSTILE}"
    assert "script" not in shown.tags
    assert len([tag for tag in shown.tags if tag == "img"]) == 1


class Seen(HTMLParser):
    """The elements of a page, their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.tags[-1] if self.tags else "", []).append(data)

    @property
    def title(self) -> str:
        return "".join(self.texts["title"]).strip()

    def values(self, name: str) -> Iterator[str]:
        return (value for _tag, attribute, value in self.attributes if attribute == name)


@pytest.mark.parametrize("name", ["phone", HOSTILE], ids=["plain", "hostile"])
def test_page_needs_nothing_else(name: str) -> None:
    shown = Seen(html(account=name, device=name))
    assert not {"script", "link", "iframe", "object", "embed", "form", "base", "video", "svg"} & set(shown.tags)
    assert not [attribute for attribute in shown.attributes if attribute[1].startswith("on")]
    assert {urlsplit(source).scheme for source in shown.values("src")} == {"data"}
    assert {urlsplit(target).scheme for target in shown.values("href")} == {"otpauth"}
    assert not re.search(r"url\(|@import", "".join(shown.texts["style"]))
    policy = next(value for value in shown.values("content") if value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_page_says_what_a_person_needs() -> None:
    text = html(account="jane", device="my phone")
    for words in ("jane", "my phone", "Rackspace", "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", "6 digits", "30 seconds"):
        assert words in text


@pytest.mark.thorough
@needs_browser
def test_style_is_allowed_by_the_policy(browse: Browse, tmp_path: Path) -> None:
    """A page whose style is refused fills the window; the style limits its width."""
    text = html().replace("</body>", "<p id=probe></p></body>")
    shot = tmp_path / "shot.png"
    browse(text).screenshot(path=shot)
    unstyled = tmp_path / "unstyled.png"
    browse(text.replace("max-width: 34rem", "max-width: 33rem")).screenshot(path=unstyled)
    assert shot.read_bytes() != unstyled.read_bytes()
