"""What is made of a message before anything is filed: its facts, and what the rules decide by them."""
