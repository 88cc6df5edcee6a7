"""A page in headless Chromium: what it shows, says and asks for. Skips where there is none."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--enable-logging=stderr", "--log-level=0"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # nor does the browser itself call anybody
)
TIMEOUT_S = 60
# Measures the pages in frames of given widths, for a page can't be asked from outside.
PROBE = """
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map((frame) => {
    const page = frame.contentDocument, root = page.documentElement, view = frame.contentWindow;
    const seen = (one) => one.getBoundingClientRect().width > 0;
    return {
      overflow: root.scrollWidth - root.clientWidth,
      background: view.getComputedStyle(page.body).backgroundColor,
      pictures: [...page.querySelectorAll("svg")].filter(seen).length,
      requests: view.performance.getEntriesByType("resource").map((entry) => entry.name),
    };
  });
  document.getElementById("found").textContent = JSON.stringify(found);
});
"""


@dataclass(frozen=True)
class Opened:
    dom: str  # when the page was loaded
    console: tuple[str, ...]  # lines, of errors and of everything else


@dataclass(frozen=True)
class Measured:
    """A page in a frame of some width."""

    overflow: int  # px that it is wider than the frame
    background: str
    pictures: int  # that have a size
    requests: tuple[str, ...]  # addresses, whether or not they answered


def chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    return found


def open_page(page: Path, folder: Path, *flags: str) -> Opened:
    """`folder`: an empty one, for what the browser writes."""
    command = [chromium(), *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    ran = subprocess.run(
        [*command, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    console = (line for line in ran.stderr.splitlines() if ":CONSOLE:" in line)
    return Opened(ran.stdout, tuple(console))


def measure(page: str, widths: tuple[int, ...], folder: Path, *flags: str) -> list[Measured]:
    """The page (HTML) in frames of these widths, px."""
    frames = "".join(
        f'<iframe style="width:{width}px;height:800px;border:0" srcdoc="{html.escape(page)}">'
        "</iframe>"
        for width in widths
    )
    probe = folder / "probe.html"
    probe.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre>{frames}'
        f"<script>{PROBE}</script>"
    )
    dom = open_page(probe, folder, *flags).dom
    found = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert found is not None
    return [
        Measured(**{**one, "requests": tuple(one["requests"])})
        for one in json.loads(html.unescape(found[1]))
    ]
