"""Going anywhere by a few letters: the palette over every page, and the page that needs no script."""
