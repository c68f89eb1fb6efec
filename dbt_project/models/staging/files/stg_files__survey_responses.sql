{{ canonical_rows('files', 'survey_responses') }}
