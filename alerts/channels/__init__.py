"""One channel a file; `alerts.registry` names them."""
