//go:build !contact_small

package contact

import "github.com/google/uuid"

// ID is an identifier of the API, a version 4 UUID (RFC 9562 §5.4). It is google/uuid's type, so
// that what a program already has fits. With the tag contact_small it is a plain [16]byte
// with the same text methods, because google/uuid would make the npm package half as large again;
// contact.ID(u) compiles in both.
type ID = uuid.UUID

// appendID appends the text of id.
func appendID(dst []byte, id ID) []byte {
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	text := (*[36]byte)(dst[len(dst)-36:])
	b, c := hexDigits(id[4:]), hexDigits(id[8:])
	put64(text[0:], hexDigits(id[0:]))
	// Four digits are written as eight, of which what follows writes over the second half.
	put64(text[9:], b)
	put64(text[14:], b>>32)
	put64(text[19:], c)
	put64(text[24:], c>>32)
	put64(text[28:], hexDigits(id[12:]))
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return dst
}

// hexDigits returns the eight hexadecimal digits of the first four bytes of b, the first in the
// lowest bits. It is the inverse of unhex.
func hexDigits(b []byte) uint64 {
	const each = 0x0101010101010101
	x := uint64(b[0]) | uint64(b[1])<<16 | uint64(b[2])<<32 | uint64(b[3])<<48
	x = (x>>4 | x<<8) & (0x0f * each)
	letters := (x + 6*each) >> 4 & each // 1 for each digit over 9
	return x + '0'*each + letters*('a'-'9'-1)
}
