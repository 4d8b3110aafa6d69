"""Azure Virtual Desktop: personal session hosts, each created by its own deployment."""
