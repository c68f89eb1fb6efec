"""Who is contacted, how, and what came back: audiences are planned here, sent from here, and their ledger kept here."""
