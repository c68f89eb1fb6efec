{{ canonical_rows('demo_shop', 'survey_responses') }}
