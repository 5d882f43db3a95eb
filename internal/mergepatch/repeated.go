package mergepatch

// Repeated appends the part of a merge patch that repeats what base has, and that other has not: the
// members that the patch sets to their value in base, or removes and base does not have. For each
// such member it calls keep with the path, which the function must not retain, and the values in the
// patch and in other, "" for an absent one. The part has the members for which keep returns true.
//
// For example, the patch {"a":1,"b":{"c":2,"d":3}} repeats a and b/c of base {"a":1,"b":{"c":2}}. If
// other is {"a":1,"b":{}}, keep is called for b/c, and the part is {"b":{"c":2}} or {}.
func Repeated(
	dst []byte, patch, base, other string, keep func(path []string, value, other string) bool,
) []byte {
	r := repeater{
		dst:   dst,
		patch: newTree(&patch, nil),
		base:  newTree(&base, nil),
		other: newTree(&other, nil),
		keep:  keep,
	}
	r.object(0, 0, 0)
	return r.dst
}

type repeater struct {
	dst                []byte
	patch, base, other tree
	path               []string
	keep               func(path []string, value, other string) bool
}

// object appends the part of an object of the patch; other may be none.
func (r *repeater) object(patch, base, other int) {
	p, b, o := r.patch.members(patch), r.base.members(base), r.other.members(other)
	r.dst = append(r.dst, '{')
	for k := p.first; k < p.end; k = r.patch.after(k) {
		name := r.patch.name(k)
		r.path = append(r.path, name)
		r.member(name, k, b.find(name), o.find(name))
		r.path = r.path[:len(r.path)-1]
	}
	r.dst = append(r.dst, '}')
}

// member appends the part of a member of the patch; base and other may be none.
func (r *repeater) member(name string, patch, base, other int) {
	value := r.patch.value(patch)
	switch {
	case r.patch.isObject(patch):
		if !r.base.isObject(base) {
			return // the patch makes an object of it
		}
		if value == "{}" { // repeats an empty object, and that there is one
			if r.base.value(base) == value && !r.other.isObject(other) && r.keep(r.path, value, r.other.value(other)) {
				r.dst = append(appendName(r.dst, name), value...)
			}
			return
		}
		if !r.other.isObject(other) {
			other = none
		}
		start := len(r.dst)
		r.dst = appendName(r.dst, name)
		inside := len(r.dst)
		if r.object(patch, base, other); len(r.dst) == inside+len("{}") {
			r.dst = r.dst[:start]
		}
		return
	case value == null:
		if base != none || other == none {
			return
		}
	case !equal(&r.patch, patch, &r.base, base) || equal(&r.patch, patch, &r.other, other):
		return
	}
	ours := value
	if value == null {
		ours = ""
	}
	if r.keep(r.path, ours, r.other.value(other)) {
		r.dst = append(appendName(r.dst, name), value...)
	}
}
