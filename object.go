package contact

import (
	"strings"
	"unicode/utf8"

	"github.com/partner-contacts/contact/internal/scan"
)

// What happens inside meta_public: merging, comparing and telling apart JSON texts. Every text here is compact and has
// been accepted by a scanner, so its nesting is bounded; a value that is absent is "". Each function reads a text once
// for every level of nesting that it goes into, and finds members by an index.

const (
	emptyObject = "{}"
	null        = "null"
)

// A member of an object. The name is as it stands in the text, without quotes.
type member struct {
	name, value string
	used        bool
}

// An index finds the members of one object by name, compared after unescaping.
type index struct {
	members []member
	escapes bool           // some names may hold escapes
	byName  map[string]int // when there are many
}

const fewMembers = 8

// indexOf indexes an object, in room while it lasts.
func indexOf(object string, room []member) index {
	x := index{members: room, escapes: strings.IndexByte(object, '\\') >= 0}
	for rest := object[1:]; ; {
		name, value, after, ok := scan.Cut(rest)
		if !ok {
			break
		}
		x.members = append(x.members, member{name: name, value: value})
		rest = after
	}
	if len(x.members) > fewMembers {
		x.byName = make(map[string]int, len(x.members))
		for i, m := range x.members {
			x.byName[scan.Unquote(m.name)] = i
		}
	}
	return x
}

// find returns the member of that name, or nil.
func (x *index) find(name string) *member {
	if x.byName != nil {
		if i, ok := x.byName[scan.Unquote(name)]; ok {
			return &x.members[i]
		}
		return nil
	}
	for i := range x.members {
		if m := &x.members[i]; m.name == name {
			return m
		}
	}
	if x.escapes || strings.IndexByte(name, '\\') >= 0 {
		for i := range x.members {
			if m := &x.members[i]; scan.EqualStrings(m.name, name) {
				return m
			}
		}
	}
	return nil
}

// get returns the value of that name, or "".
func (x *index) get(name string) string {
	if m := x.find(name); m != nil {
		return m.value
	}
	return ""
}

func isObject(value string) bool { return value != "" && value[0] == '{' }

// objectOr returns value if it is an object, else the empty one.
func objectOr(value string) string {
	if isObject(value) {
		return value
	}
	return emptyObject
}

// appendName begins a member of the object that dst ends in.
func appendName(dst []byte, name string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(append(append(dst, '"'), name...), `":`...)
}

// appendMembers appends members as they stand in a text, a comma before them where they are not the first there, to the
// object that dst ends in.
func appendMembers(dst []byte, members string) []byte {
	if members != "" && members[0] == ',' && dst[len(dst)-1] == '{' {
		members = members[1:]
	}
	return append(dst, members...)
}

// mergeObjects appends target with a merge patch applied to it (RFC 7396 §2): null removes a member, objects are merged,
// everything else replaces what was there. Members keep their order, new ones follow; a value that the patch repeats
// keeps its text. It reports whether the object changed.
func mergeObjects(dst []byte, target, patch string) ([]byte, bool) {
	var room [fewMembers]member
	with := indexOf(patch, room[:0])
	changed := false
	dst = append(dst, '{')
	same := target[1:] // the members from here up to rest stay as they are
	for rest := same; ; {
		name, value, after, ok := scan.Cut(rest)
		if !ok {
			dst = appendMembers(dst, same[:len(same)-len(rest)])
			break
		}
		m := with.find(name)
		if m != nil {
			m.used = true
		}
		if m == nil || !isObject(m.value) && equalValues(value, m.value) && value != null {
			rest = after
			continue
		}
		dst = appendMembers(dst, same[:len(same)-len(rest)])
		same, rest = after, after
		switch {
		case m.value == null:
			changed = true
		case isObject(m.value):
			var inside bool
			dst, inside = mergeObjects(appendName(dst, name), objectOr(value), m.value)
			changed = changed || inside || !isObject(value)
		default:
			dst = append(appendName(dst, name), m.value...)
			changed = true
		}
	}
	for i := range with.members {
		m := &with.members[i]
		if m.used || m.value == null {
			continue
		}
		changed = true
		dst = appendName(dst, m.name)
		if isObject(m.value) {
			dst, _ = mergeObjects(dst, emptyObject, m.value)
		} else {
			dst = append(dst, m.value...)
		}
	}
	return append(dst, '}'), changed
}

// equalValues reports whether two values are the same: numbers by their text, strings by what they stand for, objects
// with their members in any order. Absent values are equal to each other only.
func equalValues(a, b string) bool {
	if a == b {
		return true
	}
	if a == "" || b == "" || a[0] != b[0] {
		return false
	}
	switch a[0] {
	case '"':
		return scan.EqualStrings(a[1:len(a)-1], b[1:len(b)-1])
	case '{':
		return equalObjects(a, b)
	case '[':
		restA, restB := a[1:], b[1:]
		for {
			valueA, afterA, okA := scan.CutElement(restA)
			valueB, afterB, okB := scan.CutElement(restB)
			if !okA || !okB {
				return okA == okB
			}
			if !equalValues(valueA, valueB) {
				return false
			}
			restA, restB = afterA, afterB
		}
	}
	return false
}

func equalObjects(a, b string) bool {
	var room [fewMembers]member
	in := indexOf(b, room[:0])
	n := 0
	for rest := a[1:]; ; n++ {
		name, value, after, ok := scan.Cut(rest)
		if !ok {
			return n == len(in.members)
		}
		m := in.find(name)
		if m == nil || !equalValues(value, m.value) {
			return false
		}
		rest = after
	}
}

// diffObjects appends the smallest merge patch that turns from into to. A merge patch cannot say that a member is null:
// then unsaid is the pointer to the first such member, and what was appended means nothing.
func diffObjects(dst []byte, from, to string) (_ []byte, unsaid string) {
	var room [2][fewMembers]member
	before, after := indexOf(from, room[0][:0]), indexOf(to, room[1][:0])
	dst = append(dst, '{')
	for _, m := range before.members {
		if after.find(m.name) == nil {
			dst = append(appendName(dst, m.name), null...)
		}
	}
	for _, m := range after.members {
		old, start := before.get(m.name), len(dst)
		switch {
		case isObject(m.value) && isObject(old):
			// Going in costs no more than asking whether they are equal.
			dst = appendName(dst, m.name)
			inside := len(dst)
			if dst, unsaid = diffObjects(dst, old, m.value); len(dst) == inside+len(emptyObject) {
				dst = dst[:start]
			}
		case equalValues(old, m.value):
		case m.value == null:
			return dst, appendTokenTo("", m.name)
		case isObject(m.value):
			// What is no object becomes an empty one before the patch's members are put in.
			dst, unsaid = diffObjects(appendName(dst, m.name), emptyObject, m.value)
		default:
			dst = append(appendName(dst, m.name), m.value...)
		}
		if unsaid != "" {
			return dst, appendTokenTo("", m.name) + unsaid
		}
	}
	return append(dst, '}'), ""
}

// appendTokenTo returns pointer with one more reference token (RFC 6901 §3), for a name as it stands in a text.
func appendTokenTo(pointer, name string) string {
	dst, _ := scan.AppendToken(append([]byte(pointer), '/'), name, 2*len(name))
	return string(dst)
}

// pointerTo returns the pointer to what the names lead to in meta_public, cut as for an error: names may be long, and
// conflicts many.
func pointerTo(way []string) string {
	dst := []byte(FieldMetaPublic.pointer())
	room := scan.MaxPointer - len(dst)
	for _, name := range way {
		end := len(dst)
		if dst, room = scan.AppendToken(append(dst, '/'), name, room-1); room < 0 {
			return string(dst[:end])
		}
	}
	return string(dst)
}

// cutPointer cuts a pointer for an error at the last whole token that fits (see scan.MaxPointer), and reports whether it
// had to.
func cutPointer(pointer string) (string, bool) {
	if utf8.RuneCountInString(pointer) <= scan.MaxPointer {
		return pointer, false
	}
	end, n := 0, 0
	for i, r := range pointer {
		if r == '/' {
			end = i
		}
		if n++; n > scan.MaxPointer {
			break
		}
	}
	return pointer[:end], true
}

// mergeObjects3 appends what becomes of theirs when the changes from base to ours are made to it too, member by member.
// Where both sides changed a member and not in the same way, and not both to objects, theirs is kept and the conflict
// added. Members stand in their order in theirs, those that only ours has after them. way is the names that lead here.
func mergeObjects3(dst []byte, base, ours, theirs string, way []string, conflicts []Conflict) ([]byte, []Conflict) {
	var room [3][fewMembers]member
	b, o, t := indexOf(base, room[0][:0]), indexOf(ours, room[1][:0]), indexOf(theirs, room[2][:0])
	dst = append(dst, '{')
	member := func(name, old, our, their string) {
		if isObject(our) && isObject(their) {
			dst, conflicts = mergeObjects3(appendName(dst, name), objectOr(old), our, their, append(way, name), conflicts)
			return
		}
		take := their
		switch {
		case equalValues(our, their), equalValues(old, our):
		case equalValues(old, their):
			take = our
		default:
			conflicts = append(conflicts, Conflict{pointerTo(append(way, name)), old, our, their})
		}
		if take != "" {
			dst = append(appendName(dst, name), take...)
		}
	}
	for _, m := range t.members {
		member(m.name, b.get(m.name), o.get(m.name), m.value)
	}
	for _, m := range o.members {
		if t.find(m.name) == nil {
			member(m.name, b.get(m.name), m.value, "")
		}
	}
	return append(dst, '}'), conflicts
}
