{{ canonical_rows('demo_shop', 'contacts', days={'contact_date': 'contact_ts'}) }}
