"""The pages of readiness: they join a feature's scorecards with rollouts, flags, telemetry and people."""
