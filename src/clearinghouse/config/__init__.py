"""How an installation is set up: settings from the environment."""
