"""Azure Virtual Desktop: personal session hosts, each made by one deployment of its own."""
