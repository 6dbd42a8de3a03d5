"""What is remembered: schema, migrations, stores, roll-ups, search, outbox, and the actions of people."""
