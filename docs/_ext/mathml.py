"""Formulas as MathML, which browsers draw by themselves: no script, no font, no network."""

import re
from html import escape

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

SIZE = re.compile(r"\\(big|Big|bigg|Bigg)(?![a-zA-Z])")  # which docutils knows by its sides only
# TeX puts a thin space after the name of a function and what stands below it, MathML none; nor does
# TeX, before a bracket.
FUNCTION = re.compile(
    r"(\\(?:log|exp|det|ln|min|max|arg|sup|inf)(?:_(?:\{[^{}]*\}|\w))? )"
    r"(?=\w|\\(?!left|[bB]ig|q?quad)[a-zA-Z])"
)
PRODUCT = re.compile(r"([)}]|_\w) *(?=\\(?:log|exp|det|ln)\b)")  # and before such a name
LOGGER = logging.getLogger(__name__)


def _as_docutils_reads_it(tex):
    tex = SIZE.sub(r"\\\1l", tex)
    return FUNCTION.sub(r"\1\\, ", PRODUCT.sub(r"\1\\, ", tex))


def _mathml(node, as_block):
    """MathML of a node; what cannot be translated is a warning, and shown as it was written."""
    try:
        return tex2mathml(_as_docutils_reads_it(node.astext()), as_block=as_block)
    except MathError as error:
        LOGGER.warning("formula %r: %s", node.astext(), error, location=node)
        return f"<code>{escape(node.astext())}</code>"


def visit_inline(translator, node):
    translator.body.append(_mathml(node, False))
    raise nodes.SkipNode


def visit_block(translator, node):
    translator.body.append(translator.starttag(node, "div", CLASS="formula"))
    translator.body.append(_mathml(node, True))
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="eqno">({number})</span>')
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}
