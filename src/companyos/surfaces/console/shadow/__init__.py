"""The pages of shadow runs: they join comparisons with features, people and cases."""
