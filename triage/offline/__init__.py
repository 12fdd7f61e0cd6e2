"""The live code without its last steps: messages from files, decided and described, and nothing is done."""
