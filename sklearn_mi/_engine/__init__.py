"""Networks in a stack: who trains on which rows, the training, and what the trained ones say."""
