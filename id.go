package contact

import "github.com/partner-contacts/contact/internal/scan"

// ParseID reads a version 4 UUID: exactly 8-4-4-4-12 hexadecimal digits of either case, version 4,
// variant 10 (RFC 9562 §4, §5.4). URNs, braces, 32 bare digits and the nil and max UUIDs are
// refused. The error is an Errors with one entry of rule uuid.
func ParseID(s string) (ID, error) {
	id, ok := parseID(s)
	if !ok {
		return ID{}, Errors{NewError(RuleUUID, "")}
	}
	return id, nil
}

func parseID(s string) (id ID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, false
	}
	a, badA := unhex(scan.Load64(s, 0))
	b, badB := unhex(scan.Load64(s, 9)&(1<<32-1) | scan.Load64(s, 14)<<32)
	c, badC := unhex(scan.Load64(s, 19)&(1<<32-1) | scan.Load64(s, 24)<<32)
	d, badD := unhex(scan.Load64(s, 28))
	if badA|badB|badC|badD != 0 || b>>20&15 != 4 || c>>6&3 != 2 {
		return ID{}, false
	}
	put64(id[:8], uint64(a)|uint64(b)<<32)
	put64(id[8:], uint64(c)|uint64(d)<<32)
	return id, true
}

func put64(dst []byte, x uint64) {
	_ = dst[7]
	dst[0], dst[1], dst[2], dst[3] = byte(x), byte(x>>8), byte(x>>16), byte(x>>24)
	dst[4], dst[5], dst[6], dst[7] = byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56)
}

// unhex returns the four bytes that the eight hexadecimal digits in x stand for, the first of each
// in the lowest bits. It works on all eight at once; bad is 0 if all of them are digits.
func unhex(x uint64) (four uint32, bad uint64) {
	const each = 0x0101010101010101
	lower := x | 0x20*each
	// The highest bit of a byte says that it is at least what 0x80 was reduced by; it is set in
	// none of the bytes of x.
	digit := (x + (0x80-'0')*each) &^ (x + (0x80-'9'-1)*each)
	letter := (lower + (0x80-'a')*each) &^ (lower + (0x80-'f'-1)*each)
	bad = (x | ^(digit | letter)) & (0x80 * each)
	x = x&(0x0f*each) + x>>6&each*9
	x = (x<<4 | x>>8) & 0x00ff00ff00ff00ff
	x = (x | x>>8) & 0x0000ffff0000ffff
	return uint32(x | x>>16), bad
}
