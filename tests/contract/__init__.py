"""What the files of the repository promise to each other and to Home Assistant."""
