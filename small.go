//go:build contact_small

package contact

import (
	"time"
)

// ID is an identifier of the API, a version 4 UUID (RFC 9562 §5.4). Without the tag it is
// google/uuid's UUID.
type ID [16]byte

// String returns the id in lower case, as 8-4-4-4-12 hexadecimal digits.
func (id ID) String() string { return string(appendID(nil, id)) }

// MarshalText returns the text of String. It never fails.
func (id ID) MarshalText() ([]byte, error) { return appendID(nil, id), nil }

// UnmarshalText reads an id as ParseID does; id is left as it was on an error.
func (id *ID) UnmarshalText(text []byte) error { return replace(id, text, ParseID) }

// idDigits holds the offset of each byte of an id in its text.
var idDigits = [16]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

const lowerHex = "0123456789abcdef"

// appendID appends the text of id. It is slower than that of full.go, and smaller.
func appendID(dst []byte, id ID) []byte {
	var text [36]byte
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	for i, at := range idDigits {
		text[at], text[at+1] = lowerHex[id[i]>>4], lowerHex[id[i]&15]
	}
	return append(dst, text[:]...)
}

// putDigits writes the two decimal digits of n, which is less than 100.
func putDigits(dst []byte, n int) { dst[0], dst[1] = byte('0'+uint8(n)/10), byte('0'+uint8(n)%10) }

// appendKey appends a comma, the name of f and a colon.
func appendKey(dst []byte, f Field) []byte { return append(dst, fieldTexts[f].key...) }

// A Condition holds the preconditions of a request. In the small build it is empty: a server checks
// them.
type Condition struct{}

// ParseCondition returns the Condition.
func ParseCondition(ifMatch, ifNoneMatch, ifUnmodifiedSince string) Condition { return Condition{} }

// Check returns nil: the condition asks for nothing.
func (c Condition) Check(version time.Time) error { return nil }

// getScratch allocates. The small build has no pool, because package sync would add 20 KB to it.
func getScratch() *mergeScratch { return new(mergeScratch) }

func (m *mergeScratch) put() {}
