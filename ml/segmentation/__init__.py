"""Groups of customers: by K-means and DBSCAN on improved RFM, numbered for good; and by rules that can be read."""
