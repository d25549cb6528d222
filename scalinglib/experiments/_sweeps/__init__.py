"""What `scalinglib.experiments.sweep` is made of.

`plan` says which trials there are, `task` runs one of them, `workers` hands them out,
to a cluster with `cluster`, and `engine` goes on until all are done. `checkpoint` knows
what was done of them and `journal` how it is written down; `identity`, `fingerprint`
and `difference` say whether a trial is still the same. `dataset` makes arrays of what
there is, `progress` and `outlook` tell of it, `threads` keeps linear algebra to one.
"""
