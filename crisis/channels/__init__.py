"""What leaves the building: one file per channel. A channel is given the approved bytes and answers with a receipt."""
