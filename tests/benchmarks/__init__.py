"""How fast Workbench is, as ratios, each side by side with what it is compared with."""
