"""A made-up school with embedded mail servers, for trying the service out."""
