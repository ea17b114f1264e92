"""What computes the tables of the four registered questions and the addition, and any stored run again."""
