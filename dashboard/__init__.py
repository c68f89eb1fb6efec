"""What people look at: pages over the published marts, behind Airflow's login."""
