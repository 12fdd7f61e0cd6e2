"""The record: every message, decision, flag and action, in SQLite or PostgreSQL."""
