"""The role of `single backticks` in docstrings, and which members a class page shows."""

import importlib
import pkgutil

from docutils import nodes
from sphinx.addnodes import pending_xref

import sklearn_mi


def public_modules():
    """sklearn_mi and each of its modules without an underscore."""
    found = pkgutil.iter_modules(sklearn_mi.__path__, "sklearn_mi.")
    names = [module.name for module in found if not module.name.startswith("sklearn_mi._")]
    return [sklearn_mi, *map(importlib.import_module, names)]


def public_names():
    """{what a docstring may say: the name that the reference knows}."""
    names = {}
    for module in public_modules():
        for name in set(module.__all__) - {"__version__", "TRUSTED_TYPES"}:
            full = f"{module.__name__}.{name}"
            names |= {name: full, full: full, full.removeprefix("sklearn_mi."): full}
    return names


def name_role(role, rawtext, text, lineno, inliner, options=None, content=None):
    """A link where the text is a public name, code where it is anything else."""
    code = nodes.literal(rawtext, text)
    full = NAMES.get(text.removesuffix("()"))
    if full is None:
        return [code], []
    reference = pending_xref(
        rawtext, code, refdomain="py", reftype="obj", reftarget=full, refexplicit=True
    )
    return [reference], []


def skip_foreign(app, what, name, obj, skip, options):
    """True for what a class has from scikit-learn or torch; None leaves it to autodoc."""
    obj = getattr(obj, "fget", obj)
    module = getattr(obj, "__module__", None) or ""
    return True if what == "class" and not module.startswith("sklearn_mi") else None


def describe_dict(app, what, name, obj, options, lines):
    """The docstring of a public dict of classes: its keys, and the names of what they stand for."""
    if what in ("data", "attribute", "module_attribute") and isinstance(obj, dict):
        entries = [f"- ``{key!r}``: `{value.__name__}`" for key, value in obj.items()]
        lines[:] = ["Classes by the names that parameters take.", "", *entries]


NAMES = public_names()


def setup(app):
    app.add_role("name", name_role)
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect("autodoc-process-docstring", describe_dict, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
