"""The page of a report: texts stay texts, figures are those of the dict, nothing is loaded."""

import base64
import hashlib
import re
from dataclasses import replace

import pandas as pd
import pytest
from made_reports import Page, made_details, made_report
from sklearn.utils import Bunch

HOSTILE = [
    "<script>alert(1)</script>",
    '"onmouseover="alert(1)',
    "'><img src=x onerror=alert(1)>",
    "</title></style><h1>",
    "http://example.org/x.js",
    "&lt;b&gt; &amp;",
    "שלום \u202e left",
    "🦊 {curly} %s",
    "x" * 300,
    "nul\x00\x07",
    "",
]
SURROGATE = "half \ud800"  # which pandas takes for no name
TAGS = {
    *("html", "head", "meta", "link", "title", "style", "body", "header", "main", "script", "nav"),
    *("h1", "h2", "h3", "p", "ul", "li", "a", "dl", "dt", "dd", "div", "section", "small", "em"),
    *("strong", "code", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "bdi"),
    *("data", "svg", "rect", "path", "circle", "text", "details", "summary"),
}


def hostile_report():
    names = *HOSTILE, SURROGATE
    report = made_report(HOSTILE, names, "<svg onload=alert(3)>", notes=names)
    return replace(report, details=replace(report.details, made={"command": HOSTILE[2]}))


def numbers_of(told):
    """All numbers of a dict, and how long its lists are."""
    if isinstance(told, dict):
        return set().union(*map(numbers_of, told.values()))
    if isinstance(told, list):
        return {len(told)}.union(*map(numbers_of, told))
    return {told} if isinstance(told, (int, float)) else set()


@pytest.mark.parametrize("report", [made_report(), made_report(details=None)], ids=["all", "brief"])
def test_every_figure_is_one_of_the_dict(report):
    figures = Page(report.to_html()).figures
    assert len(figures) > 20
    assert {value for value, _ in figures} <= numbers_of(report.to_dict())


def test_figures_are_shown_as_what_they_are():
    for value, shown in Page(made_report().to_html()).figures:
        plain = re.sub(r"[\s,]", "", shown).replace("−", "-")
        scale = 100 if plain.endswith("%") else 1
        if plain == "·":
            assert value == 0
            continue
        digits = len(plain.rstrip("%").partition(".")[2])
        assert float(plain.rstrip("%")) == pytest.approx(scale * value, abs=0.501 * 10**-digits)


def test_no_figure_stands_outside_of_its_element():
    for within, text in Page(made_report().to_html()).texts:
        if not {"style", "script", "code", "bdi"} & {*within}:
            assert {*re.findall(r"[\d.]*\d", text)} <= {"0", "95", "1.44"}, text


def test_all_that_the_details_hold_is_told():
    told, shown = made_report().to_dict()["details"], Page(made_report().to_html()).figures
    shown = {value for value, _ in shown}
    assert {value for row in told["confusion"] for value in row} <= shown
    for column in told["columns"]["columns"]:
        assert {column[k]["mutual_info"]["nats"] for k in ("alone", "beyond_the_others")} <= shown
    assert {point["mutual_info"]["nats"] for point in told["curve"]["points"]} <= shown
    assert {each["probability"] for each in told["labels"]["most_doubted"]} <= shown


def test_names_cannot_break_out():
    page = Page(hostile_report().to_html())
    assert {*page.tags} <= TAGS and page.tags.count("script") == 1 and page.tags.count("h1") == 1
    assert not [key for _, key, _ in page.attributes if key.startswith("on")]
    assert not page.open
    assert {*HOSTILE[:8], "<svg onload=alert(3)>", "half �", "nul��", "–"} <= {*page.text_of("bdi")}
    assert HOSTILE[2] in "".join(page.text_of("code"))
    assert all(note in page.text_of("li") for note in HOSTILE[:8])


def test_long_names_are_shortened_and_kept_in_full():
    page = Page(hostile_report().to_html())
    assert "x" * 300 in {value for _, key, value in page.attributes if key == "title"}
    assert max(map(len, page.text_of("bdi"))) <= 60


def test_what_no_page_may_hold_is_replaced(tmp_path):
    page = hostile_report().to_html(tmp_path / "page.html")
    assert not re.search("[\x00-\x08\ud800-\udfff]", page)
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page


def test_nothing_is_loaded_and_only_own_scripts_run():
    page = Page(hostile_report().to_html())
    links = [
        value for _, key, value in page.attributes if key in ("href", "src", "srcset", "style")
    ]
    assert all(link.startswith("#") or link == "data:," for link in links)
    (style,), (script,) = page.text_of("style"), page.text_of("script")
    for word in ("http:", "https:", "url(", "@import", "import(", "fetch", "XMLHttp"):
        assert word not in style + script
    metas = [value for tag, key, value in page.attributes if (tag, key) == ("meta", "content")]
    (policy,) = [value for value in metas if "default-src" in value]
    for content in (style, script):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_links_lead_to_sections():
    for report in (made_report(), made_report(details=None)):
        page = Page(report.to_html())
        ids = [value for _, key, value in page.attributes if key == "id"]
        links = [value for tag, key, value in page.attributes if (tag, key) == ("a", "href")]
        assert links and {link.removeprefix("#") for link in links} <= {*ids}
        assert len({*ids}) == len(ids)


def test_sections_without_anything_to_say_are_left_out():
    def ids(report):
        return {value for _, key, value in Page(report.to_html()).attributes if key == "id"}

    assert {"columns", "pairs", "classes", "curve", "labels", "notes", "made"} <= ids(made_report())
    assert not {"pairs", "curve", "labels", "notes"} & ids(made_report(details=None))
    none = pd.DataFrame(columns=made_report().columns.columns, dtype=float)
    images = replace(made_report(), columns=none, details=made_details((), ("a", "b", "c")))
    assert not {"columns", "pairs"} & ids(images)
    assert "The images tell" in images.to_html()


def test_tables_have_heads_and_names():
    page = made_report().to_html()
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert len(tables) > 5
    for table in tables:
        assert "<caption>" in table and '<th scope="col">' in table and '<th scope="row">' in table


def test_judges_of_noisy_labels_say_what_their_probability_is():
    report = made_report()
    assert "Its label is right" not in report.to_html()
    noisy = replace(report.details, noise_aware=True, judge="dmi")
    assert "Its label is right" in replace(report, details=noisy).to_html()


def test_where_nothing_is_told_the_headline_says_so():
    report = made_report()
    losses = tuple(replace(loss, interval=(-0.1, 0.9)) for loss in report.losses)
    assert "No sign that the table tells anything" in replace(report, losses=losses).to_html()


def test_figures_that_are_not_finite_are_a_dash():
    report = made_report()
    broken = report.details.classes.assign(mutual_info=float("nan"))
    page = Page(replace(report, details=replace(report.details, classes=broken)).to_html())
    assert all(value == value for value, _ in page.figures)
    assert sum(text.startswith("–") for text in page.text_of("td")) == len(report.classes)


def test_a_curve_that_is_no_power_law_is_told():
    report = made_report()
    curve = Bunch(**report.details.curve | {"is_power_law": False})
    odd = replace(report, details=replace(report.details, curve=curve))
    assert "No power law" in odd.to_html() and "No power law" not in report.to_html()
