"""The report as one HTML page that needs no network."""

import base64
import hashlib
from importlib.resources import files

from ._page_head import head_of
from ._page_parts import text
from ._page_sections import sections_of

# Nothing is loaded, and of scripts and styles only those of the page are heeded.
POLICY = (
    "default-src 'none'; img-src data:; style-src '{style}'; script-src '{script}'; "
    "base-uri 'none'; form-action 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
{head}
</header>
<main>
{main}
</main>
<script>{script}</script>
</body>
</html>
"""


def to_html(report):
    """A report as a page.

    Parameters
    ----------
    report : Report

    Returns
    -------
    page : str
    """
    told = report.to_dict()
    style, script = _resource("page.css"), _resource("page.js")
    sections = sections_of(report, told)
    return PAGE.format(
        policy=POLICY.format(style=_hash(style), script=_hash(script)),
        title=f"What there is to know about {text(report.target)}",
        style=style,
        script=script,
        head=head_of(report, told, sections),
        main="\n".join(map(_section, sections)),
    )


def _section(section):
    name, title, body = section
    return (
        f'<section id="{name}" aria-labelledby="{name}-title">\n'
        f'<h2 id="{name}-title">{title}</h2>\n{body}\n</section>'
    )


def _resource(name):
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(content):
    digest = hashlib.sha256(content.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
