package mergepatch

// Compose appends the merge patch that does what two do one after the other. No merge patch can
// put an object where the first has put something else, or nothing: it can only change what
// members an object has (RFC 7396 §2). For each such member unsaid is called with the names that
// lead to it, which it must not keep, and what is appended means nothing.
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

// MaxWay is how many bytes the names have that lead to an object into which Changes goes. Each
// member below repeats them, and names may be as long as the body.
const MaxWay = 1000

// Changes calls yield for each member in which two objects differ, but for objects on both sides,
// which it goes into, with the names that lead to it, which yield must not keep, and its values,
// "" where there is none. An object to which more than MaxWay bytes of names lead is a value as any
// other. Changes stops, and reports false, when yield does.
func Changes(before, after string, yield func(path []string, before, after string) bool) bool {
	w := walker{before: newTree(&before, nil), after: newTree(&after, nil), yield: yield}
	return w.object(0, 0)
}

type walker struct {
	before, after tree
	path          []string
	long          int // the bytes of path
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
	case w.before.isObject(before) && w.after.isObject(after) && w.long <= MaxWay:
		return w.object(before, after)
	case equal(&w.before, before, &w.after, after):
		return true
	}
	return w.yield(w.path, w.before.value(before), w.after.value(after))
}
