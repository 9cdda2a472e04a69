"""Pages of surveys: what the answers come to, and the questions that wait for the person."""
