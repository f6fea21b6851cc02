"""What is taken out of a page while axe-core walks over it hides no fault, and comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accessibility import PAGE, faults, faults_of_colour
from playwright.sync_api import Browser, Error, Page

# A bit of all that the book's pages hold. Beside each part stand others of its kind, so that chance may ask for those.
SOUND = """<!doctype html><html lang="en"><head><title>Loss</title><style>
  body { background: #fff; color: #222 } a { color: #05a } .k { color: #060 } .over { position: relative; height: 30px }
  .tip { position: absolute; inset: 0; margin: 0 } .box:has(table) td { background: #fff }
</style></head><body><nav aria-label="Pages"><ul><li><a href="#a">One</a></li><li><a href="#b">Two</a></li></ul></nav>
<main><article><h1>Loss</h1><h2 id="a">Words</h2>
<p>The mean has <em>many words</em> and <a href="#b">a link</a> in it, and
<span class="math"><math><mi>r</mi></math></span>.</p>
<p><span>What stands <b>before</b> a link is text, too, of some length</span><a href="#b">another link</a></p>
<h3 id="b">A figure</h3>
<figure><div class="lb-figure"><svg role="img" aria-label="A curve" width="300" height="90"><g><path d="M0 0L9 9"/>
<rect x="0" y="30" width="300" height="40" fill="#fff"/><text x="9" y="50">slope</text></g></svg>
<svg width="300" height="20"><g role="slider" aria-label="point" aria-valuenow="1" tabindex="0">
<circle cx="99" cy="9" r="9"/></g></svg><label>delta <input type="range" aria-valuetext="1"></label>
<div class="lb-readout"><div>delta = <span>one</span></div></div>
</div><figcaption><p>What it <i>shows</i> and what to try.</p></figcaption></figure>
<div class="box"><table><tr><th scope="col">Loss</th></tr><tr><td><span>Huber</span></td></tr></table></div>
<pre><span class="k">for</span> <span class="n">loss</span> <span class="k">in</span> <span class="n">them</span></pre>
<div class="over"><div><div class="tip"><span></span></div></div><p class="tip">Lies over it.</p></div>
<details><summary>Answer</summary><p>It is <b>two</b>.</p></details>
<form><fieldset><legend>Which?</legend><label><input type="radio" name="w" checked>one</label></fieldset></form>
PLAIN</article></main></body></html>""".replace(
    "PLAIN", "<p><span>Words <b>like</b> those before a link.</span></p>" * 20
)

# What is wrong: what stands in the page, what stands there instead, and the rule and a word of what is found.
PALE = "#bbb"
FAULTS = {
    "paragraph": ("<em>many", f'<em style="color: {PALE}">many', "color-contrast", "many"),
    "readout": ("<span>one", f'<span style="color: {PALE}">one', "color-contrast", "one"),
    "caption": ("<i>shows", f'<i style="color: {PALE}">shows', "color-contrast", "shows"),
    "cell": ("<td><span>", '<td style="color: #444; background: #555"><span>', "color-contrast", "Huber"),
    "cell by what its table holds": (".box:has(table) td { background: #fff }", ".box:has(td span) td { color: #bbb }",
                                     "color-contrast", "Huber"),
    "code": (".k { color: #060 }", f".k {{ color: {PALE} }}", "color-contrast", 'class="k"'),
    "link in words that are not its siblings": (
        'of some length</span><a', 'of some length</span><a style="color: #223; text-decoration: none"',
        "link-in-text-block", "another"),
    "what lies under it": ('"tip"><span>', '"tip" style="background: #333"><span>', "color-contrast", "Lies"),
    "control": ("<label>delta <input", "delta <label></label><input", "label", "range"),
    "heading": ("<h3 id", "<h5 id", "heading-order", "h5"),
    "cut heading": (">Words</h2>", "></h2>", "empty-heading", "h2"),
    "picture": (' aria-label="A curve"', "", "svg-img-alt", "svg"),
    "point": (' aria-label="point"', "", "aria-input-field-name", "slider"),
    "name of a shape": ("<path d", '<path role="img" d', "svg-img-alt", "path"),
    "button in code": ('<span class="n">loss</span>', "<button></button>", "button-name", "button"),
    "word of no role": ("<em>many", '<em role="many">many', "aria-roles", "many"),
    "list": ("<ul><li>", "<ul><b>P</b><li>", "list", "ul"),
}  # fmt: skip


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Return one tab for all."""
    tab = browser.new_page()
    yield tab
    tab.close()


def test_in_a_page_without_faults_none_is_found(page: Page) -> None:
    page.set_content(SOUND)
    assert faults(page) == []


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found_wherever_it_stands(kind: str, page: Page) -> None:
    old, new, rule, word = FAULTS[kind]
    assert old in SOUND
    page.set_content(SOUND.replace(old, new, 1))
    found = faults(page)
    assert any(fault.startswith(f"{rule}: ") and word in fault for fault in found), found


@pytest.mark.parametrize("style", ["color: #999", "background: #333", "opacity: 0.5", "font-size: 9px; color: #777"])
def test_one_pale_word_among_thousands_is_found(style: str, page: Page) -> None:
    words = ["<span>loss</span>"] * 2000
    page.set_content(f"<main>{' '.join(words)}</main>")
    assert faults_of_colour(page, "main") == []
    words[1234] = f'<span><i style="{style}"><b>pale</b></i></span>'
    page.set_content(f"<main>{' '.join(words)}</main>")
    (fault,) = faults_of_colour(page, "main")
    assert fault.startswith("color-contrast") and "pale" in fault


COUNT = "document.querySelectorAll('*').length"
# All that a page holds: its text, its elements themselves, and what a reader did to them.
STATE = """() => {
  globalThis.parts ??= [...document.querySelectorAll("*")];
  const now = [...document.querySelectorAll("*")];
  const same = now.length === parts.length && now.every((part, i) => part === parts[i]);
  const set = [...document.querySelectorAll("input")].map((field) => [field.value, field.checked]);
  for (const part of now) delete part.dataset.asked;
  return [document.documentElement.outerHTML, same, set, document.querySelector("details").open];
}"""


def test_what_is_taken_out_comes_back(browser: Browser) -> None:
    page = browser.new_page()
    sound = SOUND.replace("<ul>", '<ul style="color: rgb(0, 0, 0);">')
    # No policy of a page is in the way.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">'
    page.set_content(sound.replace("<head>", head))
    page.locator("input[type=range]").fill("7")
    page.locator("summary").click()
    before = page.evaluate(STATE)
    assert before[1]
    assert faults(page) == []
    assert page.evaluate(STATE) == before
    # Also where axe itself fails.
    page.evaluate("void (axe.run = () => { throw new Error('no'); })")
    with pytest.raises(Error, match="no"):
        faults(page)
    assert page.evaluate(STATE) == before
    page.close()


def test_much_is_taken_out_and_all_stays_where_a_style_would_miss_it(page: Page) -> None:
    words = "<div><p><i>1</i> <i>2</i></p></div>" * 300
    page.set_content(f"<main><h1>Loss</h1>{words}</main>")
    whole = page.evaluate(COUNT)
    assert page.evaluate(f"{PAGE}.mark('main')") == 2
    assert page.evaluate(f"{PAGE}.leaveMarked()")
    assert page.evaluate(COUNT) < whole / 2
    page.evaluate(f"{PAGE}.putBack()")
    assert page.evaluate(COUNT) == whole
    page.add_style_tag(content="main:has(p + p, div:nth-of-type(2) p) { background: #eee }")
    page.evaluate(f"{PAGE}.mark('h1')")
    assert not page.evaluate(f"{PAGE}.leaveMarked()")
    assert page.evaluate(COUNT) == whole + 1
