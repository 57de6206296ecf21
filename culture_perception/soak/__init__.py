"""How a running system holds up: rate, latency, memory and processor time over minutes."""
