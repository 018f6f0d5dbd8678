"""What happens later: jobs on the durable engine, which a crash can delay but not lose."""
