// Package mergepatch applies, computes and compares JSON merge patches (RFC 7396) on the texts of
// values.
//
// Every text must be compact and accepted by a scan.Scanner, so that its nesting is bounded and no
// object has a name twice. Two values are equal if their numbers have the same text, their strings
// the same characters after unescaping, and their objects equal members in any order. Each function
// reads a text a fixed number of times, however deeply it is nested.
package mergepatch

import "github.com/partner-contacts/contact/internal/scan"

const null = "null"

// Merge applies a merge patch to target (RFC 7396 §2), appends the result to dst, and reports whether
// it differs from target. Both texts must be objects. Null removes a member, objects are merged, and
// any other value replaces the old one. Members keep their order and new ones follow. A value equal
// to the old one keeps the old text. For example, {"a":{"b":1,"c":2}} patched with {"a":{"c":null},"d":3}
// is {"a":{"b":1},"d":3}.
func Merge(dst []byte, target, patch string) (merged []byte, changed bool) {
	var room [usual]node
	t := newTree(&patch, room[:0])
	merged, _, changed = t.mergeInto(dst, target, 0, 0)
	return merged, changed
}

// mergeInto merges the object n of the patch t into the object at offset i of target and appends the
// result. It returns the offset after the object in target and whether the object changed.
func (t *tree) mergeInto(dst []byte, target string, i, n int) (_ []byte, end int, changed bool) {
	patch := t.members(n)
	dst = append(dst, '{')
	i++
	same := i // target[same:i] is unchanged and not yet appended
	for target[i] != '}' {
		before := i
		name, value := nameAt(target, i)
		k := patch.find(name)
		if k == none {
			i = scan.EndOfValue(target, value)
			continue
		}
		t.nodes[k].used = true
		v := t.value(k)
		switch {
		case v == null:
			dst = appendMembers(dst, target[same:before])
			i = scan.EndOfValue(target, value)
			changed = true
		case v[0] == '{' && target[value] == '{':
			var inside bool
			dst, i, inside = t.mergeInto(appendMembers(dst, target[same:value]), target, value, k)
			changed = changed || inside
		default:
			if end, equal := t.equal(k, target, value); equal {
				i = end
				continue
			}
			dst = t.appendNew(appendMembers(dst, target[same:value]), k)
			i = scan.EndOfValue(target, value)
			changed = true
		}
		same = i
	}
	dst, more := t.appendUnused(appendMembers(dst, target[same:i]), n)
	return append(dst, '}'), i + 1, changed || more
}

// appendUnused appends the members of an object of the patch that target does not have. It reports
// whether there are any.
func (t *tree) appendUnused(dst []byte, object int) (_ []byte, found bool) {
	for k := object + 1; k < t.after(object); k = t.after(k) {
		if !t.nodes[k].used && t.value(k) != null {
			dst = t.appendNew(appendName(dst, t.name(k)), k)
			found = true
		}
	}
	return dst, found
}

// appendNew appends a value of the patch that has no object to be merged with.
func (t *tree) appendNew(dst []byte, n int) []byte {
	if !t.isObject(n) {
		return append(dst, t.value(n)...)
	}
	dst, _ = t.appendUnused(append(dst, '{'), n)
	return append(dst, '}')
}

// Diff appends the smallest merge patch that turns one object into another. A merge patch cannot set a
// member to null. For each such member Diff calls unrepresentable with the path of the member, which
// the function must not retain, and leaves the member out of the patch.
func Diff(dst []byte, from, to string, unrepresentable func(path []string)) []byte {
	var room [2][usual]node
	d := differ{dst: dst, from: newTree(&from, room[0][:0]), to: newTree(&to, room[1][:0]), unrepresentable: unrepresentable}
	d.diff(0, 0)
	return d.dst
}

type differ struct {
	dst             []byte
	from, to        tree
	path            []string
	unrepresentable func(path []string)
}

// diff appends the patch from one object to another; from may be none.
func (d *differ) diff(from, to int) {
	before, after := d.from.members(from), d.to.members(to)
	d.dst = append(d.dst, '{')
	for k := before.first; k < before.end; k = d.from.after(k) {
		if name := d.from.name(k); after.find(name) == none {
			d.dst = append(appendName(d.dst, name), null...)
		}
	}
	for k := after.first; k < after.end; k = d.to.after(k) {
		name, v := d.to.name(k), d.to.value(k)
		old := before.find(name)
		switch {
		case v[0] == '{':
			start := len(d.dst)
			d.dst = appendName(d.dst, name)
			inside := len(d.dst)
			d.path = append(d.path, name)
			wasObject := d.from.isObject(old)
			if !wasObject {
				old = none // RFC 7396 replaces it by an empty object first
			}
			d.diff(old, k)
			d.path = d.path[:len(d.path)-1]
			if wasObject && len(d.dst) == inside+len("{}") {
				d.dst = d.dst[:start]
			}
		case equal(&d.from, old, &d.to, k):
		case v == null:
			d.unrepresentable(append(d.path, name))
		default:
			d.dst = append(appendName(d.dst, name), v...)
		}
	}
	d.dst = append(d.dst, '}')
}

// Merge3 applies the changes from base to ours to theirs, member by member, and appends the result. If
// both sides changed a member differently and not both to objects, Merge3 keeps theirs and calls
// conflict. Its arguments are the path of the member, which it must not retain, and the three values,
// "" for an absent one. Members have their order in theirs; those that only ours has come last.
func Merge3(
	dst []byte, base, ours, theirs string,
	conflict func(path []string, base, ours, theirs string) (keepOurs bool),
) []byte {
	var room [3][usual]node
	m := merger3{
		dst:      dst,
		base:     newTree(&base, room[0][:0]),
		ours:     newTree(&ours, room[1][:0]),
		theirs:   newTree(&theirs, room[2][:0]),
		conflict: conflict,
	}
	m.merge(0, 0, 0)
	return m.dst
}

type merger3 struct {
	dst                []byte
	base, ours, theirs tree
	path               []string
	conflict           func(path []string, base, ours, theirs string) bool
}

// merge appends the merge of three objects; base may be none.
func (m *merger3) merge(base, ours, theirs int) {
	b, o, t := m.base.members(base), m.ours.members(ours), m.theirs.members(theirs)
	m.dst = append(m.dst, '{')
	for k := t.first; k < t.end; k = m.theirs.after(k) {
		name := m.theirs.name(k)
		m.member(name, b.find(name), o.find(name), k)
	}
	for k := o.first; k < o.end; k = m.ours.after(k) {
		if name := m.ours.name(k); t.find(name) == none {
			m.member(name, b.find(name), k, none)
		}
	}
	m.dst = append(m.dst, '}')
}

// member appends the merged member with a name.
func (m *merger3) member(name string, base, ours, theirs int) {
	m.path = append(m.path, name)
	defer func() { m.path = m.path[:len(m.path)-1] }()
	if m.ours.isObject(ours) && m.theirs.isObject(theirs) {
		if !m.base.isObject(base) {
			base = none
		}
		m.dst = appendName(m.dst, name)
		m.merge(base, ours, theirs)
		return
	}
	take := m.theirs.value(theirs)
	switch {
	case equal(&m.ours, ours, &m.theirs, theirs), equal(&m.base, base, &m.ours, ours):
	case equal(&m.base, base, &m.theirs, theirs):
		take = m.ours.value(ours)
	default:
		if mine := m.ours.value(ours); m.conflict(m.path, m.base.value(base), mine, take) {
			take = mine
		}
	}
	if take != "" {
		m.dst = append(appendName(m.dst, name), take...)
	}
}

// Equal reports whether two values are equal.
func Equal(a, b string) bool {
	if a == b {
		return true
	}
	var room [usual]node
	t := newTree(&b, room[:0])
	_, ok := t.equal(0, a, 0)
	return ok
}

// equal reports whether node i of a and node j of b are equal, or both are none.
func equal(a *tree, i int, b *tree, j int) bool {
	if i == none || j == none {
		return i == j
	}
	_, ok := b.equal(j, *a.text, int(a.nodes[i].start))
	return ok
}

// appendName appends a name and a colon to the object at the end of dst, after a comma if needed.
func appendName(dst []byte, name string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(append(append(dst, '"'), name...), `":`...)
}

// appendMembers appends the text of members to the object at the end of dst, after a comma unless they
// are the first there.
func appendMembers(dst []byte, members string) []byte {
	if members != "" && members[0] == ',' && dst[len(dst)-1] == '{' {
		members = members[1:]
	}
	return append(dst, members...)
}
