{{ union_entity('survey_responses') }}
