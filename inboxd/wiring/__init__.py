"""The composition root: the one place that builds the parts and connects them."""
