"""The version, and where its documentation stands."""

__version__ = "0.1.0"

DOCUMENTATION = ""  # address of the built pages; while it is empty, estimators link to none


class LinksToDocumentation:
    """Estimators whose HTML representation links to their page, if there is an address."""

    _doc_link_module = "sklearn_mi"

    @property
    def _doc_link_template(self):
        page = "/generated/{estimator_module}.{estimator_name}.html"
        return DOCUMENTATION.rstrip("/") + page if DOCUMENTATION else ""
