"""Arithmetic and thresholds that several findings share.

Thresholds of the first nine findings were fixed before the detection table was made, later ones beside it.
"""
