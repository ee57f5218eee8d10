"""The project board: moves of cards, risks, watches, gates. Pure Python: values in, values out."""
