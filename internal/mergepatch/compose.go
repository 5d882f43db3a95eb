package mergepatch

// Compose appends a merge patch equivalent to applying first and then then. There is none if first
// removes a member or sets it to a value that is not an object, and then sets it to an object: a merge
// patch merges objects and cannot replace them (RFC 7396 §2). For each such member Compose calls
// unrepresentable with the path of the member, which the function must not retain. The appended text
// is then meaningless.
func Compose(dst []byte, first, then string, unrepresentable func(path []string)) []byte {
	c := composer{dst: dst, first: newTree(&first, nil), then: newTree(&then, nil), unrepresentable: unrepresentable}
	c.compose(0, 0)
	return c.dst
}

type composer struct {
	dst             []byte
	first, then     tree
	path            []string
	unrepresentable func(path []string)
}

func (c *composer) compose(first, then int) {
	before, after := c.first.members(first), c.then.members(then)
	c.dst = append(c.dst, '{')
	for k := before.first; k < before.end; k = c.first.after(k) {
		name := c.first.name(k)
		next := after.find(name)
		c.dst = appendName(c.dst, name)
		switch {
		case next == none:
			c.dst = append(c.dst, c.first.value(k)...)
		case !c.then.isObject(next):
			c.dst = append(c.dst, c.then.value(next)...)
		case !c.first.isObject(k):
			c.unrepresentable(append(c.path, name))
			c.dst = append(c.dst, null...)
		default:
			c.path = append(c.path, name)
			c.compose(k, next)
			c.path = c.path[:len(c.path)-1]
		}
	}
	for k := after.first; k < after.end; k = c.then.after(k) {
		if name := c.then.name(k); before.find(name) == none {
			c.dst = append(appendName(c.dst, name), c.then.value(k)...)
		}
	}
	c.dst = append(c.dst, '}')
}

// maxPath limits the total length in bytes of the names on the path of an object that Changes descends
// into. The path is repeated for each member below, and a name may be as long as the body.
const maxPath = 1000

// Changes calls yield for each member in which two objects differ. If a member is an object on both
// sides, Changes descends into it, unless the names on its path exceed maxPath bytes. The arguments of
// yield are the path of the member, which it must not retain, and its two values, "" for an absent
// one. Changes stops and returns false when yield returns false.
func Changes(before, after string, yield func(path []string, before, after string) bool) bool {
	w := walker{before: newTree(&before, nil), after: newTree(&after, nil), yield: yield}
	return w.object(0, 0)
}

type walker struct {
	before, after tree
	path          []string
	long          int // total bytes of the names in path
	yield         func(path []string, before, after string) bool
}

func (w *walker) object(before, after int) bool {
	was, is := w.before.members(before), w.after.members(after)
	for k := was.first; k < was.end; k = w.before.after(k) {
		name := w.before.name(k)
		if !w.member(name, k, is.find(name)) {
			return false
		}
	}
	for k := is.first; k < is.end; k = w.after.after(k) {
		if name := w.after.name(k); was.find(name) == none && !w.member(name, none, k) {
			return false
		}
	}
	return true
}

func (w *walker) member(name string, before, after int) bool {
	w.path, w.long = append(w.path, name), w.long+len(name)
	defer func() { w.path, w.long = w.path[:len(w.path)-1], w.long-len(name) }()
	switch {
	case w.before.isObject(before) && w.after.isObject(after) && w.long <= maxPath:
		return w.object(before, after)
	case equal(&w.before, before, &w.after, after):
		return true
	}
	return w.yield(w.path, w.before.value(before), w.after.value(after))
}
