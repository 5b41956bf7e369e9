"""matplotlib, which only Displays need."""


def import_pyplot(display):
    """matplotlib.pyplot, where it is installed; `display` is the name of who asks."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(f'{display} needs matplotlib: pip install "sklearn-mi[plot]".') from error
    return plt
