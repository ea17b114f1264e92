"""Arithmetic and thresholds that several findings share.

Thresholds were fixed before the detection table was made, but for those of AUG10, AUG11 and what was added since.
"""
