"""What deserves a human: rules, incidents, deliveries, channels."""
