"""What runs without anybody asking: polling, the queue, and what falls due."""
