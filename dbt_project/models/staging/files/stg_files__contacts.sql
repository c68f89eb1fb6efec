{{ canonical_rows('files', 'contacts', days={'contact_date': 'contact_ts'}) }}
