"""Configuration of the documentation. `make docs` builds it; nothing here needs the network."""

import sys
import warnings
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))

project = "sklearn_mi"
author = "The sklearn_mi developers"
copyright = author
version = release = version_of("sklearn-mi")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "mathml",
    "public_names",
    "measured",
]
exclude_patterns = ["_build", "_ext", "_templates"]
suppress_warnings = ["config.cache"]  # the gallery's order is a class, which is not pickled
nitpicky = True
# What other packages document: a build without network cannot ask their sites.
nitpick_ignore_regex = [
    (r"py:.*", r"(joblib|matplotlib|numpy|pandas|sklearn|skorch|torch)\..*"),
]

# --- text -----------------------------------------------------------------------------------------

myst_enable_extensions = [
    "dollarmath",
    "amsmath",
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
]
myst_heading_anchors = 3
numfig = False

# --- reference ------------------------------------------------------------------------------------

autosummary_generate = True
autosummary_imported_members = True
templates_path = ["_templates"]
add_module_names = False
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"
autodoc_inherit_docstrings = False  # of torch, whose references are not ours
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
default_role = "name"  # `x` in a docstring: a link if x is public, and otherwise code

# --- gallery --------------------------------------------------------------------------------------


def _warning_as_text(message, category, *args, **kwargs):
    """A warning of an example, without the path of the file on the machine that built it."""
    return f"{category.__name__}: {message}\n"


warnings.formatwarning = _warning_as_text
sphinx_gallery_conf = {
    "examples_dirs": str(HERE.parent / "examples"),
    "gallery_dirs": "auto_examples",
    "backreferences_dir": "generated/examples",
    "doc_module": ("sklearn_mi",),
    "reference_url": {"sklearn_mi": None},
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
    "write_computation_times": False,
    "default_thumb_file": None,
    "image_scrapers": ("matplotlib",),
    "reset_modules": ("matplotlib",),
    "copyfile_regex": r"^$",
}

# --- copying --------------------------------------------------------------------------------------

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
copybutton_remove_prompts = True

# --- pages ----------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {
    "index": [],
    "changelog": [],
    "contributing": [],
    "glossary": [],
    "mathematics": [],
    "start": [],
}
html_theme_options = {
    "logo": {"text": "sklearn_mi"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": True,
}
