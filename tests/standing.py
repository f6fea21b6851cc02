"""A small built book, written by hand: what `publishing.still` meets in a page, and what is wider than paper."""

from __future__ import annotations

from pathlib import Path

from building import ROOT
from PIL import Image

_PAGE = """<!doctype html><html><body>{nav}
<article class="bd-article"><section id="{id}">{body}</section></article></body></html>"""
_NAV = """<nav class="bd-links"><ul><li><a class="internal" href="#">Small book</a></li></ul>
<p class="caption">Chapters</p><ul><li><a class="internal" href="chapters/one.html">1. One &amp; only</a></li></ul>
<p class="caption">Appendix</p><ul><li><a class="internal" href="chapters/two.html">Two</a></li></ul></nav>"""
_WIDE = " + ".join(f"<mi>x</mi><mo>+</mo><mn>{number}</mn>" for number in range(60)).replace(" + ", "<mo>+</mo>")
_ROWS = "".join(f"<tr><td>row{number}</td>{'<td>0.123456789012345</td>' * 12}</tr>" for number in range(90))
_ONE = f"""<h1>1. One &amp; only<a class="headerlink" href="#one">#</a></h1>
<p class="lossbook-deck"><a href="../slides/one.html">Slides for this chapter</a></p>
<p>Text with a <a href="two.html#place">link</a>, one to <a href="../slides/one.html">slides</a>, one to
<a href="https://example.org/a%20b">elsewhere</a>, one to <a href="two.html#gone">what is gone</a>.</p>
<figure id="figure-coin"><div class="lossbook-figure" data-figure="coin" style="--room:600px"><script>1</script>
<noscript><img alt="A curve" loading="lazy" src="../_images/wide.png"/></noscript></div>
<figcaption><p><span class="caption-number">Figure 1 </span>What it shows.
<a class="headerlink" href="#figure-coin">#</a></p></figcaption></figure>
<div class="cell"><details class="hide"><summary>Show</summary><pre>secret code</pre>
<div class="lossbook-claim" id="claim"><p>checked: one is one</p></div></details></div>
<div class="math notranslate" tabindex="0"><math display="block">{_WIDE}</math></div>
<p><math><mi>x</mi><mo>&lt;</mo><mtable scriptlevel="0" displaystyle="true">
<mtr><mtd scriptlevel="0"><mi>y</mi></mtd></mtr>
</mtable></math></p>
<pre>{"a_long_line_of_code " * 20}</pre><pre>{"x" * 300}</pre>
<table><thead><tr><th>head of the table</th>{"<th>column</th>" * 12}</tr></thead>
<tbody>{_ROWS}</tbody></table>
<div class="lossbook-progress"><p>0 of 5 solved</p></div>
<form class="lossbook-answer"><label>Your answer</label><input type="text"/><button>Check</button>
<details><summary>Hint</summary><p>Think.</p></details></form>
<div class="lossbook-quiz"><fieldset><legend>1. Which one?</legend>
<div class="lossbook-option"><input type="radio"/><label>That</label>
<p class="lossbook-feedback lossbook-wrong" hidden=""><strong>No.</strong> It is far.</p></div>
<div class="lossbook-option"><input type="radio"/><label>This</label>
<p class="lossbook-feedback lossbook-right" hidden=""><strong>Right.</strong> It is near.</p></div></fieldset></div>
<div class="solution toggle-hidden"><p>The solution is 42.</p></div>
<svg viewBox="0 0 10 10"><polyline points="0,0 10,10"/></svg>"""
_TWO = """<h1>Two</h1><p id="place">Placed here, and <a href="one.html">back</a>.</p>
<div class="tag_workbench"><div class="cell_output"><script>1</script></div></div>"""


def write_book(folder: Path) -> Path:
    """Write the book and return its folder."""
    for name in ("chapters", "_images", "_static"):
        (folder / name).mkdir(parents=True)
    Image.new("RGB", (2400, 800), (0, 90, 160)).save(folder / "_images/wide.png")
    (folder / "_static/stix-two-math.woff2").write_bytes(b"")
    (folder / "_static/mathematics.css").write_text((ROOT / "lossbook/sphinxext/mathematics.css").read_text())
    (folder / "_static/pygments.css").write_text("")
    pages = {
        "index": ("front", "<h1>Small book</h1><p>Begin.</p>"),
        "chapters/one": ("one", _ONE),
        "chapters/two": ("two", _TWO),
    }
    for name, (identity, body) in pages.items():
        text = _PAGE.format(nav=_NAV, id=identity, body=body)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder
