"""What is learned: each method one file of plain functions on frames."""
