# All patches by id, the last of an id wins. `*` merges objects, and keeps nulls as values.
(reduce $patches[] as $p ({}; .[$p.id] = $p)) as $by | inputs | . * ($by[.id] // {})
