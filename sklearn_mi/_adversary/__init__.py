"""How rows may be moved, and the search for the worst such move."""
