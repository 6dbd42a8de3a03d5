"""What the operator declares: settings, brands, queries, sources, rules, channels."""
