package contact

import (
	"strings"
	"time"
	"unsafe"

	"github.com/partner-contacts/contact/internal/scan"
)

// What a contact points to must not keep much else alive, whatever it went through: a contact that
// has had a thousand patches may hold a string of each. So what a body's short strings are made of
// is in blocks of about a kilobyte, what is long has memory of its own, and Merge copies what it
// takes from a patch into pieces of three strings. TestReachable holds what comes of it.
const (
	shortText   = 128 // bytes of the longest string that goes into a block
	textBlock   = 1 << 10
	fewElements = 4 // as many elements of an array go where other strings are
)

// Blocks are room for what the fields of a contact that is read point to, as pieces are for one
// that is merged. Their dates and times are allocated with the contact. The zero values are ready.
type (
	arena struct {
		timeSlots
		strings []string // that fields point to
		text    []byte   // their texts
	}
	slab struct {
		timeSlots
		chunk *[3]slabString
		used  uint8 // of its slots
	}
	timeSlots struct {
		times     [timeCount]time.Time
		dates     [dateCount]Date
		usedTimes uint8
		usedDates uint8
	}
)

// A slot is a string and, if it is not longer, its text.
type slabString struct {
	string string
	text   [48]byte
}

// A patchRoom is a patch and what its fields point to; smallRoom has the strings of a small body in
// it, too.
type (
	patchRoom struct {
		patch Patch
		arena
	}
	smallRoom struct {
		patchRoom
		strings [2]string
		text    [32]byte
	}
)

// newPatchRoom returns room for the patch that a body of n bytes makes.
func newPatchRoom(n int) *patchRoom {
	const small = 64
	if scan.Small || n > small {
		return new(patchRoom)
	}
	r := new(smallRoom)
	r.arena.strings, r.arena.text = r.strings[:0], r.text[:0]
	return &r.patchRoom
}

func (m *timeSlots) newDate(d Date) *Date {
	p := &m.dates[m.usedDates]
	m.usedDates++
	*p = d
	return p
}

func (m *timeSlots) newTime(t time.Time) *time.Time {
	p := &m.times[m.usedTimes]
	m.usedTimes++
	*p = t
	return p
}

// takeDate is date for one that may not be there, as takeTime is time.
func (m *timeSlots) cloneDate(d *Date) *Date {
	if d == nil {
		return nil
	}
	return m.newDate(*d)
}

func (m *timeSlots) cloneTime(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return m.newTime(*t)
}

// alone returns a pointer to s with nothing beside it. A long text has its memory to itself, and
// whatever kept the pointer among others alive would keep the text.
func newString(s string) *string { return &s }

// string returns a pointer to s among other strings, if it is short. More is how many may be to
// come.
func (b *arena) addString(s string, more int) *string {
	if len(s) > shortText {
		return newString(s)
	}
	n := len(b.strings)
	if n == cap(b.strings) {
		b.strings, n = make([]string, 0, 1+min(more, stringCount+fewElements-1)), 0
	}
	b.strings = append(b.strings, s)
	return &b.strings[n]
}

// stringRoom returns room for a few short strings of an array, among the others if there is some.
func (b *arena) newStrings() []string {
	n := len(b.strings)
	if cap(b.strings)-n < fewElements {
		return make([]string, 0, fewElements)
	}
	b.strings = b.strings[:n+fewElements]
	return b.strings[n : n : n+fewElements]
}

// grow makes room for n more bytes in the block and returns where they begin. A new block has room
// for the bytes expected in all, if these are more.
func (b *arena) grow(n, expected int) int {
	if cap(b.text)-len(b.text) < n {
		b.text = make([]byte, 0, max(n, min(expected, textBlock)))
	}
	return len(b.text)
}

// take returns a pointer to a copy of s that shares its memory with two others at most. A long text
// stays where it is.
func (p *slab) cloneString(from *string) *string {
	if from == nil {
		return nil
	}
	s := *from
	if len(s) > shortText {
		return newString(s)
	}
	if p.chunk == nil || int(p.used) == len(p.chunk) {
		p.chunk, p.used = new([3]slabString), 0
	}
	in := &p.chunk[p.used]
	p.used++
	if len(s) <= len(in.text) {
		in.string = view(in.text[:copy(in.text[:], s)])
	} else {
		in.string = strings.Clone(s)
	}
	return &in.string
}

func appendCompact(dst []byte, text string, spaces int) []byte {
	if spaces == 0 {
		return append(dst, text...)
	}
	return scan.AppendCompact(dst, text)
}

// view returns b as a string without a copy. b must not change as long as the string lives.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
