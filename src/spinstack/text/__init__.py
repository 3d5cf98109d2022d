"""Words, numbers as people write them, and files: what every room needs and that knows no physics."""
