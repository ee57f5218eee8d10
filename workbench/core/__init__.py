"""Words that all layers share. Standard library and pydantic only."""
