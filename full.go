//go:build !contact_small

package contact

import (
	"sync"

	"github.com/google/uuid"
)

// ID is an identifier of the API, a version 4 UUID (RFC 9562 §5.4). It is google/uuid's type, which
// most programs use already. With the build tag contact_small it is a plain [16]byte with the same
// text methods: google/uuid would make the npm package half as large again. contact.ID(u) compiles
// in both.
type ID = uuid.UUID

// appendID appends the text of id.
func appendID(dst []byte, id ID) []byte {
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	text := (*[36]byte)(dst[len(dst)-36:])
	put2(text[0:], hexPairs[id[0]])
	put2(text[2:], hexPairs[id[1]])
	put2(text[4:], hexPairs[id[2]])
	put2(text[6:], hexPairs[id[3]])
	put2(text[9:], hexPairs[id[4]])
	put2(text[11:], hexPairs[id[5]])
	put2(text[14:], hexPairs[id[6]])
	put2(text[16:], hexPairs[id[7]])
	put2(text[19:], hexPairs[id[8]])
	put2(text[21:], hexPairs[id[9]])
	put2(text[24:], hexPairs[id[10]])
	put2(text[26:], hexPairs[id[11]])
	put2(text[28:], hexPairs[id[12]])
	put2(text[30:], hexPairs[id[13]])
	put2(text[32:], hexPairs[id[14]])
	put2(text[34:], hexPairs[id[15]])
	return dst
}

// These have the two digits of each number that fits in two, the first in the low bits.
var (
	hexPairs     = pairs("0123456789abcdef")
	decimalPairs = pairs("0123456789")
)

func pairs(digits string) (texts [256]uint16) {
	base := len(digits)
	for n := range base * base {
		texts[n] = uint16(digits[n/base]) | uint16(digits[n%base])<<8
	}
	return texts
}

// putDigits writes the two decimal digits of n, which is less than 100.
func putDigits(dst []byte, n int) { put2(dst, decimalPairs[uint8(n)]) }

func put2(dst []byte, pair uint16) { dst[0], dst[1] = byte(pair), byte(pair>>8) }

// paddedKeys is the key of each field in an array, which is copied faster than a string.
var paddedKeys = func() (keys [fieldCount][longestName + len(`,"":`)]byte) {
	for f := range fieldCount {
		copy(keys[f][:], fieldTexts[f].key)
	}
	return keys
}()

// appendKey appends a comma, the name of f and a colon.
func appendKey(dst []byte, f Field) []byte {
	const most = len(paddedKeys[0])
	n := len(dst)
	if cap(dst)-n < most {
		return append(dst, fieldTexts[f].key...)
	}
	*(*[most]byte)(dst[n : n+most]) = paddedKeys[f]
	return dst[:n+len(fieldTexts[f].key)]
}

// scratchPool holds cleared values, until the garbage collector frees them.
var scratchPool = sync.Pool{New: func() any { return new(mergeScratch) }}

// getScratch returns a cleared mergeScratch.
func getScratch() *mergeScratch { return scratchPool.Get().(*mergeScratch) }

// put clears m and returns it to the pool. Nothing that one call has read is left for the next.
func (m *mergeScratch) put() {
	m.patch, m.existing = Patch{}, Contact{}
	m.patchArena, m.existingArena = arena{}, arena{}
	clear(m.strings[:])
	scratchPool.Put(m)
}
