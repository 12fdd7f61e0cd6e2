"""The review site. It cannot send mail: it writes rows."""
