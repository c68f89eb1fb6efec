"""A questionnaire (Likert answers) → scales → descriptives, correlations, regressions, mediation (L 4, Tables 6-11)."""
