"""What a health check looks for. One class a kind of problem, under its registry."""
