package contact

import (
	"strings"
	"time"
	"unsafe"

	"github.com/partner-contacts/contact/internal/scan"
)

// A contact must not retain the bodies it was read from or patched with. Otherwise a contact that
// went through a thousand patches could keep a string of each body, and with it the body, alive. So
// strings are copied:
//
//   - Parse copies short strings into an arena, in blocks of about a kilobyte.
//   - A string longer than shortText gets an allocation of its own.
//   - The strings of a long array share one copy of its text.
//   - Merge copies the strings of a patch into a slab, in chunks of three strings.
//
// For example, the body {"city":"Rome","name_first":"Ann"} leaves this arena:
//
//	text     R o m e A n n      one []byte; the strings point into it
//	strings  [ "Rome", "Ann" ]  one []string; Contact.City and Contact.NameFirst point into it
//
// TestReachable checks how much memory a contact keeps alive.
const (
	shortText   = 128 // bytes of the longest string that goes into a block
	textBlock   = 1 << 10
	fewElements = 4 // array elements that share the arena's strings
)

// An arena holds the values that the fields of a parsed contact point to, a slab those of a merged
// one. Their dates and times are allocated together with the contact. The zero values are ready to
// use.
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

// A slabString is a string and, if it fits, its text.
type slabString struct {
	string string
	text   [48]byte
}

// A patchMemory is a patch with its arena, in one allocation. A smallPatchMemory includes the
// strings of a small body.
type (
	patchMemory struct {
		patch Patch
		arena
	}
	smallPatchMemory struct {
		patchMemory
		strings [2]string
		text    [32]byte
	}
)

// newPatchMemory returns the memory for the patch of a body of n bytes.
func newPatchMemory(n int) *patchMemory {
	const least, most = len(`{"city":""}`), 64
	if scan.Small || n < least || n > most {
		return new(patchMemory)
	}
	r := new(smallPatchMemory)
	r.arena.strings, r.arena.text = r.strings[:0], r.text[:0]
	return &r.patchMemory
}

// newDate returns a pointer to a copy of d in the next free slot.
func (m *timeSlots) newDate(d Date) *Date {
	p := &m.dates[m.usedDates]
	m.usedDates++
	*p = d
	return p
}

// newTime returns a pointer to a copy of t in the next free slot.
func (m *timeSlots) newTime(t time.Time) *time.Time {
	p := &m.times[m.usedTimes]
	m.usedTimes++
	*p = t
	return p
}

// cloneDate is newDate for an optional date: it returns nil for nil.
func (m *timeSlots) cloneDate(d *Date) *Date {
	if d == nil {
		return nil
	}
	return m.newDate(*d)
}

// cloneTime is newTime for an optional time: it returns nil for nil.
func (m *timeSlots) cloneTime(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return m.newTime(*t)
}

// newString returns a pointer to s in an allocation of its own. In a shared slice of strings, a
// pointer to a neighbour would keep a long text alive.
func newString(s string) *string { return &s }

// addString adds s to the arena and returns a pointer to it; a long s gets its own allocation. more
// estimates how many strings will follow.
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

// newStrings returns an empty slice with capacity for a few short strings of an array. It is part
// of b.strings if that has enough capacity left.
func (b *arena) newStrings() []string {
	n := len(b.strings)
	if cap(b.strings)-n < fewElements {
		return make([]string, 0, fewElements)
	}
	b.strings = b.strings[:n+fewElements]
	return b.strings[n : n : n+fewElements]
}

// grow makes room for n more bytes in the text block and returns the offset of the first. If it
// allocates a block, the capacity is at least expected, up to textBlock.
func (b *arena) grow(n, expected int) int {
	if cap(b.text)-len(b.text) < n {
		b.text = make([]byte, 0, max(n, min(expected, textBlock)))
	}
	return len(b.text)
}

// cloneString returns a pointer to a copy of the string, which shares its memory with at most two
// others. The text of a long string is not copied.
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

// appendCompact appends text without its white space outside strings, of which it has so many
// bytes.
func appendCompact(dst []byte, text string, spaces int) []byte {
	if spaces == 0 {
		return append(dst, text...)
	}
	return scan.AppendCompact(dst, text)
}

// view returns b as a string without a copy. b must not change as long as the string lives.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
