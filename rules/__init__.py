"""YAML in, `RuleSet` out; `decide(ruleset, facts)` gives a `Decision` with its trace. Pure."""
