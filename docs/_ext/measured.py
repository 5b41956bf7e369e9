"""Directives for the pages of measurements.

`measured` is a table of `result_tables` by its name. `source` says which command gave a result, on
which machine and when, and holds what it printed; command and date stand in the table of
benchmarks/results/README.md, the machine in the first line of the result.
"""

import inspect
import re

from docutils import nodes
from result_tables import TABLES
from result_tables._read import RESULTS
from sphinx.util.docutils import SphinxDirective

OUTPUT = '<details class="output"><summary>What it printed: <code>{}</code></summary>'
NUMBER = re.compile(r"[-+±.,\d/ ()]|to|nan")


def sources():
    """{file: (date, command)} from the table of benchmarks/results/README.md."""
    found = {}
    for line in (RESULTS / "README.md").read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| (`.*?`) \| (\d{4}-\d\d-\d\d) \| (.*) \|$", line):
            found |= {name: (row[2], row[3]) for name in re.findall(r"`([^`]+)`", row[1])}
    return found


def is_number(text):
    return not NUMBER.sub("", text)


def unbroken(text):
    """A short text, such as "asym .4", on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}") if len(text) < 10 else text


def markdown(head, rows):
    """A table whose columns of numbers stand to the right."""
    numeric = [all(is_number(row[k]) for row in rows) for k in range(len(head))]
    rules = ["---:" if right else "---" for right in numeric]
    rows = [[unbroken(cell) for cell in row] for row in rows]
    return ["| " + " | ".join(cells) + " |" for cells in [head, rules, *rows]]


class Measured(SphinxDirective):
    """`{measured} name`"""

    required_arguments = 1

    def run(self):
        function = TABLES.get(self.arguments[0])
        if function is None:
            raise self.error(f"no table {self.arguments[0]!r} among {', '.join(TABLES)}")
        self.env.note_dependency(inspect.getfile(function))
        return self.parse_text_to_nodes("\n".join(markdown(*function())))


class Source(SphinxDirective):
    """`{source} file`"""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        found = []
        for name in self.arguments[0].split():
            self.env.note_dependency(str(RESULTS / name))
            found += self.about(name)
        return found

    def about(self, name):
        if name not in sources():
            raise self.error(f"benchmarks/results/README.md says nothing of {name}")
        date, command = sources()[name]
        text = f"Command: {command}. Date: {date}."
        if not name.endswith(".txt"):
            return self.parse_text_to_nodes(f"{{.source}}\n{text} Lines: `{name}`.")
        machine, _, printed = (RESULTS / name).read_text(encoding="utf-8").partition("\n")
        before = nodes.raw("", OUTPUT.format(name), format="html")
        output = nodes.literal_block(printed, printed.strip("\n"), language="none")
        parts = self.parse_text_to_nodes(f"{{.source}}\n{text} Machine: {machine}.")
        return [*parts, before, output, nodes.raw("", "</details>", format="html")]


def setup(app):
    app.add_directive("measured", Measured)
    app.add_directive("source", Source)
    return {"parallel_read_safe": True}
