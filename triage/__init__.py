"""Reads a school's inboxes by the school's own guidance."""
