"""Three doors and their porch: pages that parse, call one flow function, and render."""
