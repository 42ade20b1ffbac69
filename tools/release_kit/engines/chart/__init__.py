"""What is done with a chart: images written into its values, packing, gates."""
