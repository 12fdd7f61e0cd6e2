"""What a message is about: phrases today, a trained model beside them later. Pure once loaded."""
