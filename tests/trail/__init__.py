"""The trail: what is written into it, and that nothing can be changed in it unseen."""
