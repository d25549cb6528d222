"""What `scalinglib.experiments.sweep` is made of.

`plan` says which trials there are, `task` runs one of them, `workers` hands them out,
`checkpoint` knows what was done of them and `journal` how it is written down,
`fingerprint` and `difference` whether a trial is still the same, `dataset` makes arrays
of what there is, `progress` and `outlook` tell of it.
"""
