"""What the Makefile runs: set-up of the virtual environment. Standard library only."""
