"""Messages as bytes: reading what came in and composing what goes out. Pure, linear, never raising."""
