"""A table or images in, checked rows and what encodes them out."""
