package mergepatch

import (
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
)

// A tree is a text and the offsets of its values.
type tree struct {
	text    *string // a pointer, so that a retained part of the text does not move the nodes to the heap
	nodes   []node  // in document order: the contents of a value follow it directly
	escapes bool    // some strings hold escapes
}

// A node is a value, with its name if it is a member.
type node struct {
	name, nameEnd int32 // the content of the name, still escaped
	start, end    int32
	next          int32 // the index of the node after this one and its contents
	used          bool  // see Merge
}

const (
	usual = 16 // capacity of the node buffers on the stack
	none  = -1 // no node
)

// newTree returns the tree of a text. Its nodes are in room if they fit.
func newTree(text *string, room []node) tree {
	const each = 16 // approximate bytes of a long text per node
	if len(*text) > each*each*usual {
		room = make([]node, 0, len(*text)/each)
	}
	nodes, _ := appendNodes(room, *text, 0, 0, 0)
	return tree{text, nodes, strings.IndexByte(*text, '\\') >= 0}
}

// appendNodes appends the nodes of the value at offset i and returns the offset after the value. Its
// name is text[name:nameEnd].
func appendNodes(nodes []node, text string, name, nameEnd, i int) (_ []node, end int) {
	n := len(nodes)
	nodes = append(nodes, node{name: int32(name), nameEnd: int32(nameEnd), start: int32(i)})
	switch text[i] {
	case '{':
		for i++; text[i] != '}'; {
			name, value := nameAt(text, i)
			nameEnd := value - len(`":`)
			nodes, i = appendNodes(nodes, text, nameEnd-len(name), nameEnd, value)
		}
		i++
	case '[':
		for i++; text[i] != ']'; {
			nodes, i = appendNodes(nodes, text, 0, 0, skipComma(text, i))
		}
		i++
	default:
		i = scan.EndOfValue(text, i)
	}
	nodes[n].end, nodes[n].next = int32(i), int32(len(nodes))
	return nodes, i
}

// name returns the name of a member, still escaped.
func (t *tree) name(n int) string { return (*t.text)[t.nodes[n].name:t.nodes[n].nameEnd] }

// after returns the index of the node after n and its contents.
func (t *tree) after(n int) int { return int(t.nodes[n].next) }

// nameAt returns the name of the member that begins at offset i, or after a comma at i, and the
// offset of its value.
func nameAt(text string, i int) (name string, value int) {
	i = skipComma(text, i)
	end := scan.EndOfString(text, i)
	return text[i+1 : end-1], end + 1
}

func skipComma(text string, i int) int {
	if text[i] == ',' {
		i++
	}
	return i
}

// value returns the text of a value, or "" for none.
func (t *tree) value(n int) string {
	if n == none {
		return ""
	}
	return (*t.text)[t.nodes[n].start:t.nodes[n].end]
}

func (t *tree) isObject(n int) bool { return n != none && (*t.text)[t.nodes[n].start] == '{' }

// equal reports whether node n is equal to the value at offset i of a text. If so, it also returns the
// offset after the value.
func (t *tree) equal(n int, text string, i int) (end int, ok bool) {
	v := t.value(n)
	if text[i] != v[0] {
		return 0, false
	}
	switch text[i] {
	case '{':
		members := t.members(n)
		count := 0
		for i++; text[i] != '}'; count++ {
			name, value := nameAt(text, i)
			k := members.find(name)
			if k == none {
				return 0, false
			}
			if i, ok = t.equal(k, text, value); !ok {
				return 0, false
			}
		}
		return i + 1, count == members.count
	case '[':
		k, after := n+1, t.after(n)
		for i++; text[i] != ']' && k < after; k = t.after(k) {
			if i, ok = t.equal(k, text, skipComma(text, i)); !ok {
				return 0, false
			}
		}
		return i + 1, text[i] == ']' && k == after
	case '"':
		end = scan.EndOfString(text, i)
		return end, scan.EqualStrings(text[i+1:end-1], v[1:len(v)-1])
	}
	end = scan.EndOfValue(text, i)
	return end, text[i:end] == v
}

// members finds the members of one object by their names, compared after unescaping.
type members struct {
	t          *tree
	first, end int // the nodes in the object
	count      int
	next       int            // the next member to be looked up if both sides have the same order
	byName     map[string]int // for many members in another order
}

const few = 8

// members returns the members of an object. For none it returns no members.
func (t *tree) members(object int) members {
	if object == none {
		return members{}
	}
	x := members{t: t, first: object + 1, next: object + 1, end: t.after(object)}
	for k := x.first; k < x.end; k = t.after(k) {
		x.count++
	}
	return x
}

// find returns the member with a name, or none.
func (x *members) find(name string) int {
	if x.count == 0 {
		return none
	}
	k := x.next
	if k == x.end || x.t.name(k) != name {
		k = x.search(name)
	}
	if k != none {
		x.next = x.t.after(k)
	}
	return k
}

func (x *members) search(name string) int {
	t := x.t
	if x.count <= few {
		escapes := t.escapes || strings.IndexByte(name, '\\') >= 0
		for k := x.first; k < x.end; k = t.after(k) {
			if other := t.name(k); other == name || escapes && scan.EqualStrings(other, name) {
				return k
			}
		}
		return none
	}
	if x.byName == nil {
		x.byName = make(map[string]int, x.count)
		for k := x.first; k < x.end; k = t.after(k) {
			x.byName[scan.Unquote(t.name(k))] = k
		}
	}
	if k, ok := x.byName[scan.Unquote(name)]; ok {
		return k
	}
	return none
}
