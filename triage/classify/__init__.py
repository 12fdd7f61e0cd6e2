"""What a message is about: a trained model and phrases, weighed together. Pure once loaded."""
