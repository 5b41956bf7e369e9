"""Tables of the measurements: each function gives head and rows, as text."""

from . import certified, costs, estimates, images, labels

TABLES = {
    name: function
    for module in (certified, costs, estimates, images, labels)
    for name, function in vars(module).items()
    if getattr(function, "__module__", None) == module.__name__ and not name.startswith("_")
}
