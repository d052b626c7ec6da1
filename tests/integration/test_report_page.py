# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report in a real browser, at 1,000 and 10,000 users: what is seen, what works, what leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from integration.harness.browser import BROWSER

from ansible_collections.rackspace.identity.plugins.module_utils.api.model import Device, User
from ansible_collections.rackspace.identity.plugins.module_utils.mfa.audit import Audit
from ansible_collections.rackspace.identity.plugins.plugin_utils.reports import html_page
from ansible_collections.rackspace.identity.tests.unit.plugins.module_utils.mfa.audits import OWN, audited, entry, user

SIZES = [1000, pytest.param(10_000, id="10000", marks=pytest.mark.thorough)]
pytestmark = [
    pytest.mark.skipif(not BROWSER, reason="no chromium here"),
    pytest.mark.xdist_group("browser"),
]


def domain_of(size: int, callback: str = "http://127.0.0.1:9") -> Audit:
    """A domain in which one user of ten lacks MFA, one of 20 is locked, one of 50 has a device too many."""
    names = [
        "<script>document.title='ran'</script>",
        "=cmd()",
        f"<img src={callback}/img onerror=document.title='ran'>",
        "</script><script>document.title='ran'</script>",
        "{{ 7 * 7 }}",
    ]
    names += [f"user{number:05}" for number in range(len(names), size)]
    people: list[User] = []
    devices: dict[str, tuple[Device, ...] | None] = {}
    for number, name in enumerate(names):
        person = user(name, on=number % 10 != 0)
        if number % 20 == 1:
            person = person._replace(mfa=person.mfa._replace(state="LOCKED"))
        person = person._replace(id=f"{number:032x}")
        more = (Device("d2", f"<link href={callback}/css>", verified=True),) if number % 50 == 2 else ()
        people.append(person)
        devices[person.id] = (OWN, *more) if person.mfa.enabled else ()
    entries = [
        entry(one.name, user_id=one.id, created=f"2026-{1 + n % 11:02}-01T00:00:00Z")
        for n, one in enumerate(people)
        if one.mfa.enabled
    ]
    return audited(*people, devices=devices, entries=[*entries, entry("nobody")], level="OPTIONAL", max_age_days=320)


@pytest.fixture(name="elsewhere", scope="module")
def _elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server that a page could call, and the requests that it got."""
    got: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            got.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()


class Opened:
    """A page in the browser, and what it asked for and complained of."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def names(self) -> list[str]:
        """The accounts on the page of the table."""
        return [text.split("\n")[0] for text in self.page.locator("td.name > span").all_inner_texts()]

    def range(self) -> str:
        """What the table says that it shows."""
        return str(self.page.locator("#range").inner_text())


@contextmanager
def opened(browser: Any, file: Path, **window: Any) -> Iterator[Opened]:
    """Open a file in a window of its own."""
    page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **window})
    shown = Opened(page)
    page.goto(file.as_uri())
    page.wait_for_selector("#rows tr")
    yield shown
    page.close()


@pytest.fixture(name="report", scope="module")
def _report(tmp_path_factory: pytest.TempPathFactory, elsewhere: tuple[str, list[str]]) -> Any:
    """The file of a report by its size; each is made once."""
    folder = tmp_path_factory.mktemp("reports")

    def make(size: int) -> tuple[Path, Audit]:
        audit = domain_of(size, elsewhere[0])
        file = folder / f"{size}.html"
        if not file.exists():
            file.write_text(html_page.render(audit), encoding="utf-8")
        return file, audit

    return make


@pytest.mark.parametrize("size", SIZES)
def test_counts_chart_and_rows_are_there_and_no_request_leaves(
    browser: Any, report: Any, elsewhere: tuple[str, list[str]], size: int
) -> None:
    file, audit = report(size)
    with opened(browser, file) as shown:
        page, summary = shown.page, audit.summary
        tiles = dict(
            zip(page.locator(".tile dt").all_inner_texts(), page.locator(".tile dd").all_inner_texts(), strict=True)
        )
        assert tiles["Users"] == f"{size:,}"
        assert tiles["MFA off"] == f"{summary['mfa_off']:,}"
        assert tiles["Need work"] == f"{summary['with_findings']:,}"
        bars = page.locator(".bar")
        assert bars.count() == sum(bool(count) for count in summary["kinds"].values())
        assert page.locator(".bar rect.high").first.bounding_box()["width"] > 100
        assert page.locator(".coverage circle.ring-on").count() == 1
        assert len(shown.names()) == 50
        assert shown.range() == f"1-50 of {size:,} accounts"
        assert page.title() == "MFA audit of domain 100"
        page.locator("#rows details summary").first.click()
        assert page.locator("#rows details p").first.is_visible()
        assert shown.requests == [file.as_uri()]
        assert shown.complaints == []
    assert elsewhere[1] == []


@pytest.mark.parametrize("size", SIZES)
def test_sorting_and_filtering_work(browser: Any, report: Any, size: int) -> None:
    file, audit = report(size)
    with opened(browser, file) as shown:
        page, kinds = shown.page, audit.summary["kinds"]
        page.locator("th[data-key=name] button").click()
        page.locator("th[data-key=name] button").click()
        assert shown.names()[0] == f"user{size - 1:05}"
        assert page.locator("th[data-key=name]").get_attribute("aria-sort") == "descending"
        page.locator("th[data-key=age] button").click()
        ages = [int(text.split()[0]) for text in page.locator("td[data-label=Secret]").all_inner_texts()]
        assert ages == sorted(ages)
        page.select_option("#kind", "no_mfa")
        assert shown.range() == f"1-50 of {kinds['no_mfa']:,} accounts (of {size:,})"
        page.locator("#after").click()
        assert shown.range().startswith("51-")
        page.select_option("#mfa", "locked")
        assert page.locator("#empty").is_visible()
        page.select_option("#kind", "")
        assert f"of {kinds['locked']:,} accounts" in shown.range()
        page.select_option("#mfa", "")
        page.locator("button.bar[data-kind=extra_device]").click()
        assert f"of {kinds['extra_device']:,} accounts" in shown.range()
        page.locator("button.bar[data-kind=extra_device]").click()
        page.fill("#search", "USER00777")
        assert shown.names() == ["user00777"]
        page.fill("#search", "")
        page.check("#only")
        assert f"of {audit.summary['with_findings']:,} accounts" in shown.range()


def test_names_are_text(browser: Any, report: Any) -> None:
    file, audit = report(1000)
    with opened(browser, file) as shown:
        shown.page.fill("#search", "script>")
        hostile = {one["name"] for one in audit.users if "script>" in one["name"]}
        assert set(shown.names()) == hostile
        shown.page.fill("#search", "=cmd()")
        assert shown.names() == ["=cmd()"]
        assert shown.page.locator("main script, main img, main link").count() == 0
        assert shown.page.title() == "MFA audit of domain 100"


@pytest.mark.parametrize("width", [390, 320])
def test_a_narrow_screen_needs_no_sideways_scrolling(browser: Any, report: Any, width: int) -> None:
    file, _audit = report(1000)
    with opened(browser, file, viewport={"width": width, "height": 800}) as shown:
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
        label = shown.page.evaluate("getComputedStyle(document.querySelector('tbody td'), '::before').content")
        assert label == '"Account"'


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(browser: Any, report: Any, scheme: str) -> None:
    file, _audit = report(1000)
    with opened(browser, file, color_scheme=scheme) as shown:
        shown.page.select_option("#kind", "extra_device")
        for selector in (".lead", ".tile small", ".chip.high", ".chip.medium", "td small"):
            assert shown.page.evaluate(CONTRAST, selector) >= 4.5, selector


@pytest.mark.thorough
def test_an_audit_without_findings_says_so(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "clean.html"
    file.write_text(html_page.render(audited(user("alice"))), encoding="utf-8")
    with opened(browser, file) as shown:
        assert "Nothing was found" in shown.page.inner_text("main")
        assert shown.names() == ["alice"]


CONTRAST = """selector => {
  const element = document.querySelector(selector);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  let behind = element;
  while (behind && (parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
  const light = (text) => {
    const [r, g, b] = parts(text).map((value) => value / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pair = [light(getComputedStyle(element).color), light(getComputedStyle(behind).backgroundColor)];
  const [low, high] = pair.sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""
"""The contrast of an element's text, by the formula of WCAG 2."""
