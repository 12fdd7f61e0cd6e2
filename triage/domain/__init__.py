"""What the school's mail means and what is done about it: pure functions over plain values.

Nothing here reads a clock, a file, a network or a database; whatever it needs is handed in.
"""
