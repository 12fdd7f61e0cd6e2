"""What the service does by the clock: calls until somebody has it, the mails of the morning, reminders."""
