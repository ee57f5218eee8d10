"""The headless front end: the same verbs as the window's."""
