"""Names of the user's columns and classes, as they are shown in texts and pictures."""

NAME_WIDTH = 28


def shorten(name, width=NAME_WIDTH):
    """`name` as text of at most `width` characters; a longer one loses its middle.

    Examples
    --------
    >>> shorten("mean concave points of the nucleus", 16)
    'mean con…nucleus'
    """
    name = " ".join(str(name).split())
    if len(name) <= width:
        return name
    tail = (width - 1) // 2
    return f"{name[: width - 1 - tail]}…{name[-tail:]}"


def literal(text):
    """`text` as matplotlib draws it as it is, without reading a formula between dollars.

    Examples
    --------
    >>> print(literal("from $10 to $20"))
    from \\$10 to \\$20
    """
    return str(text).replace("$", r"\$")
