{{ canonical_rows('contacts', days={'contact_date': 'contact_ts'}) }}
