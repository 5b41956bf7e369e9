"""What columns tell alone, beyond the others and in pairs, as sections of a page."""

from ._page_parts import bar_of, count, counted, name, nats, paragraph, scale_of, table, with_bar

PAIRS_SHOWN = 8
ALONE = "Alone"
BEYOND = "Beyond the others"


def columns_section(report, told):
    """A table of the columns that were asked, and one of those that were not."""
    asked = (told["details"] or {}).get("columns")
    if not asked:
        return told["columns"] and _alone(report, told, set(), "Columns, each alone")
    columns = sorted(asked["columns"], key=_strength, reverse=True)
    scale = scale_of(
        [column[kind] for column in columns for kind in ("alone", "beyond_the_others")]
    )
    rows = [
        [
            f'{name(column["column"])} <small class="kind">{column["kind"]}</small>',
            bar_of(column["alone"], scale),
            bar_of(column["beyond_the_others"], scale, "beyond"),
        ]
        for column in columns
    ]
    heads = ["Column", ALONE, BEYOND]
    parts = [_about(told, asked), table("Columns, in nats", heads, rows, "bars")]
    if asked["n_columns"] > len(columns):
        seen = {column["column"] for column in columns}
        rest = _alone(report, told, seen, "The other columns, each alone, by its bins")
        parts.append(f"<details><summary>The other columns, each alone</summary>{rest}</details>")
    return "\n".join(parts)


def _strength(column):
    return max(column[kind]["mutual_info"]["nats"] for kind in ("alone", "beyond_the_others"))


def _about(told, asked):
    n_rows, n_columns = asked["n_rows"], len(asked["columns"])
    some_rows = n_rows < told["n_rows"]
    some_columns = n_columns < asked["n_columns"]
    return paragraph(
        "<em>Alone</em> is what a column tells by itself, <em>beyond the others</em> what no other "
        "column tells. One that tells much alone and nothing beyond is repeated by others; one "
        "that tells nothing alone and much beyond needs another. Lines are 95 % intervals, each "
        "for one question."
    ) + paragraph(
        f"These were asked of smaller networks, which tell {nats(asked['total']['mutual_info'])} "
        "nats with all columns together.",
        f"They had {counted(n_rows, 'row')} of {count(told['n_rows'])}." if some_rows else "",
        f"Of {counted(asked['n_columns'], 'column')} the {count(n_columns)} that tell most alone "
        "were asked, and look a little better for that; one that tells only together with another "
        "may be among the rest."
        if some_columns
        else "",
        kind="soft",
    )


def _alone(report, told, seen, caption):
    """What columns tell by their bins, those that were asked left out."""
    rows = [column for column in told["columns"] if column["column"] not in seen]
    most = max((column["mutual_info"]["nats"] for column in rows), default=0.0) or 1.0
    cells = [
        [
            name(column["column"]),
            with_bar(nats(column["mutual_info"]), (0.0, most), column["mutual_info"]["nats"]),
            nats(column["standard_error"]),
        ]
        for column in rows
    ]
    return table(caption, ["Column", ALONE, "Standard error"], cells, "bars")


def pairs_section(report, told):
    """The pairs that need each other and those that repeat each other."""
    pairs = ((told["details"] or {}).get("columns") or {}).get("pairs")
    if not pairs:
        return ""
    scale = scale_of([pair["interaction"] for pair in pairs])
    pairs = sorted(pairs, key=lambda pair: pair["interaction"]["mutual_info"]["nats"])
    synergy = [pair for pair in pairs if pair["interaction"]["low"]["nats"] > 0]
    redundancy = [pair for pair in pairs if pair["interaction"]["high"]["nats"] < 0]
    about = paragraph(
        "What two columns tell together, less what each tells alone: above 0 they need each other, "
        f"below 0 they repeat each other. Of the {counted(len(pairs), 'pair')} of the strongest "
        "columns these are the ones whose 95 % interval is on one side of 0."
    )
    lists = [
        _list("They need each other", synergy[::-1], scale, "synergy"),
        _list("They repeat each other", redundancy, scale, "redundancy"),
    ]
    return f'{about}<div class="halves">{"".join(lists)}</div>'


def _list(title, pairs, scale, kind):
    rows = [
        [
            " × ".join(name(each, 40) for each in pair["columns"]),
            bar_of(pair["interaction"], scale, kind),
        ]
        for pair in pairs[:PAIRS_SHOWN]
    ]
    nothing = paragraph("None of them for certain.", kind="soft")
    body = table(title, ["Pair", "Nats"], rows, "bars") if rows else nothing
    return f"<div><h3>{title}</h3>{body}</div>"
