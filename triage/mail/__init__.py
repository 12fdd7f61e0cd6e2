"""The only modules that speak IMAP and SMTP."""
