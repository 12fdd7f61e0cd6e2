"""Who calls poll_mailbox and perform_action, and when."""
