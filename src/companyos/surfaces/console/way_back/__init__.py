"""Back to the old path for a day: the page, and the link that needs no sign-in."""
