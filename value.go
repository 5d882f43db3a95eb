package contact

import (
	"iter"
	"time"

	"github.com/partner-contacts/contact/internal/scan"
	"github.com/partner-contacts/contact/internal/tzdb"
)

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

// idDigits is where each byte of an id stands in its text.
var idDigits = [16]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

const lowerHex = "0123456789abcdef"

func appendID(dst []byte, id ID) []byte {
	var text [36]byte
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	for i, at := range idDigits {
		text[at], text[at+1] = lowerHex[id[i]>>4], lowerHex[id[i]&15]
	}
	return append(dst, text[:]...)
}

// A Date is a day of the Gregorian calendar, without a time or a timezone: a birthdate is never an
// instant. The zero value is no date.
type Date struct {
	Year  int // 0 to 9999
	Month int // 1 to 12
	Day   int // 1 to 31
}

// ParseDate reads a day that exists, written exactly YYYY-MM-DD (RFC 3339 full-date), of a year
// from 0000 to 9999. The error is an Errors with one entry of rule date.
func ParseDate(s string) (Date, error) {
	d, ok := parseDate(s)
	if !ok {
		return Date{}, Errors{NewError(RuleDate, "")}
	}
	return d, nil
}

func parseDate(s string) (Date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return Date{}, false
	}
	year := 100*twoDigits(s[0], s[1]) + twoDigits(s[2], s[3])
	month, day := twoDigits(s[5], s[6]), twoDigits(s[8], s[9])
	d := Date{year, month, day}
	return d, d.valid()
}

// twoDigits returns the number that two decimal digits make, or one far below zero.
func twoDigits(tens, ones byte) int {
	tens, ones = tens-'0', ones-'0'
	if tens > 9 || ones > 9 {
		return -1 << 20
	}
	return int(tens)*10 + int(ones)
}

func (d Date) valid() bool {
	return 0 <= d.Year && d.Year <= 9999 && 1 <= d.Month && d.Month <= 12 &&
		1 <= d.Day && d.Day <= daysIn(d.Year, d.Month)
}

func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1
}

// String returns the date as YYYY-MM-DD, or null if there is no such day.
func (d Date) String() string {
	if !d.valid() {
		return null
	}
	return string(d.append(nil))
}

// appendJSON appends the date as a JSON string, or null if there is no such day.
func (d Date) appendJSON(dst []byte) []byte {
	if !d.valid() {
		return append(dst, null...)
	}
	return append(d.append(append(dst, '"')), '"')
}

func (d Date) append(dst []byte) []byte {
	dst = appendTwo(appendTwo(dst, d.Year/100), d.Year%100)
	dst = appendTwo(append(dst, '-'), d.Month)
	return appendTwo(append(dst, '-'), d.Day)
}

// Where it is called often it would make a WASM build larger.
//
//go:noinline
func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10%10), byte('0'+n%10)) }

// MarshalText returns the date as YYYY-MM-DD, or an error if there is no such day. encoding/json
// uses it too.
func (d Date) MarshalText() ([]byte, error) {
	if !d.valid() {
		return nil, ErrTime
	}
	return d.append(nil), nil
}

// UnmarshalText reads a date as ParseDate does; d is left as it was on an error.
func (d *Date) UnmarshalText(text []byte) error {
	v, err := ParseDate(string(text))
	if err == nil {
		*d = v
	}
	return err
}

// days returns the number of days from 1970-01-01 to d. The year is taken to begin in March, which
// puts the leap day last and makes the lengths of the months a straight line.
func (d Date) days() int64 {
	y, m := int64(d.Year), int64(d.Month)
	if m <= 2 {
		y, m = y-1, m+12
	}
	// The cycle of the calendar is 400 years; one is added to keep the year 0000 positive.
	y += 400
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + int64(d.Day) - 1 - 719468 - 146097
}

// dateOf is the inverse of days, for the years 0000 to 9999.
func dateOf(days int64) Date {
	z := uint32(days + 719468 + 146097)
	era, doe := z/146097, z%146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d := Date{Year: int(era*400+yoe) - 400, Month: int(mp) + 3, Day: int(doy-(153*mp+2)/5) + 1}
	if d.Month > 12 {
		d.Year, d.Month = d.Year+1, d.Month-12
	}
	return d
}

const secondsPerDay = 24 * 60 * 60

// The instants that a timestamp can write: the years 0000 to 9999 in UTC, in seconds from 1970.
var (
	minSecond = Date{0, 1, 1}.days() * secondsPerDay
	maxSecond = Date{9999, 12, 31}.days()*secondsPerDay + secondsPerDay - 1
)

// ParseTimestamp reads an RFC 3339 date-time (§5.6): two-digit parts, T and Z in either case, a
// fraction of one or more digits after a full stop, of which nine are kept and the rest is cut, and
// an offset of at most 23:59, -00:00 included. A leap second is read at 23:59:60 UTC of any day, as
// the second after it: wider than §5.7, which has them only at the end of a month that had one,
// because the library keeps no list of these. An instant whose year in UTC is not one of 0000 to
// 9999 is refused. The result is in UTC; the error is an Errors with one entry of rule timestamp.
func ParseTimestamp(s string) (time.Time, error) {
	t, ok := parseTimestamp(s)
	if !ok {
		return time.Time{}, Errors{NewError(RuleTimestamp, "")}
	}
	return t, nil
}

func parseTimestamp(s string) (time.Time, bool) {
	const shortest = len("2006-01-02T15:04:05Z")
	if len(s) < shortest || s[10]|0x20 != 't' {
		return time.Time{}, false
	}
	d, okDate := parseDate(s[:10])
	seconds, leap, okTime := parseClock(s[11:19])
	nsec, zone, okFraction := cutFraction(s[19:])
	offset, okOffset := parseOffset(zone)
	if !okDate || !okTime || !okFraction || !okOffset {
		return time.Time{}, false
	}
	unix := d.days()*secondsPerDay + int64(seconds-offset)
	if leap && unix%secondsPerDay != 0 || unix < minSecond || unix > maxSecond {
		return time.Time{}, false
	}
	return time.Unix(unix, int64(nsec)).UTC(), true
}

// parseClock reads hours, minutes and seconds, and says whether it is a leap second, which counts
// as the one after it.
func parseClock(s string) (seconds int, leap, ok bool) {
	h, m, sec := twoDigits(s[0], s[1]), twoDigits(s[3], s[4]), twoDigits(s[6], s[7])
	ok = s[2] == ':' && s[5] == ':' && uint(h) <= 23 && uint(m) <= 59 && uint(sec) <= 60
	return (h*60+m)*60 + sec, sec == 60, ok
}

// cutFraction cuts a fraction of a second off s, if it begins with one, and returns its
// nanoseconds.
func cutFraction(s string) (nsec int, rest string, ok bool) {
	if s[0] != '.' {
		return 0, s, true
	}
	i := 1
	for unit := 100_000_000; i < len(s) && s[i]-'0' <= 9; i++ {
		nsec += int(s[i]-'0') * unit
		unit /= 10
	}
	return nsec, s[i:], i > 1
}

// parseOffset reads a time-offset (RFC 3339 §5.6) and returns its seconds.
func parseOffset(s string) (offset int, ok bool) {
	switch {
	case len(s) == 1:
		return 0, s[0]|0x20 == 'z'
	case len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' || s[3] != ':':
		return 0, false
	}
	h, m := twoDigits(s[1], s[2]), twoDigits(s[4], s[5])
	offset = (h*60 + m) * 60
	if s[0] == '-' {
		offset = -offset
	}
	return offset, uint(h) <= 23 && uint(m) <= 59
}

// writable reports whether t is an instant that a timestamp can write.
func inRange(t time.Time) bool { return minSecond <= t.Unix() && t.Unix() <= maxSecond }

// appendTimestamp appends t as a JSON string, in UTC with as many digits of the second as it needs,
// or null if there is no such timestamp.
func appendTimestamp(dst []byte, t time.Time) []byte {
	if !inRange(t) {
		return append(dst, null...)
	}
	dst = append(dst, '"')
	unix := t.Unix() - minSecond // positive, so that % is a remainder
	second := int(unix % secondsPerDay)
	dst = dateOf(unix/secondsPerDay + minSecond/secondsPerDay).append(dst)
	dst = appendTwo(append(dst, 'T'), second/3600)
	dst = appendTwo(append(dst, ':'), second/60%60)
	dst = appendTwo(append(dst, ':'), second%60)
	if nsec := t.Nanosecond(); nsec != 0 {
		dst = append(dst, '.')
		for unit := 100_000_000; nsec != 0; unit /= 10 {
			dst = append(dst, byte('0'+nsec/unit))
			nsec %= unit
		}
	}
	return append(dst, `Z"`...)
}

// TZDBVersion is the version of the IANA time zone database whose names the library knows.
const TZDBVersion = tzdb.Version

// ParseTimezone checks that s is the name of a Zone or a Link of the IANA time zone database, in
// its exact case, and returns it as it is: a Link is not rewritten to its Zone. UTC, EST and
// Etc/GMT+5 are such names; offsets such as +05:00, abbreviations such as PST, Local, Factory and
// the empty string are not. The error is an Errors with one entry of rule timezone, with a
// suggestion if a name is near.
func ParseTimezone(s string) (string, error) {
	if !tzdb.Has(s) {
		e := NewError(RuleTimezone, "")
		e.Meta.Suggestion = tzdb.Suggest(s)
		return "", Errors{e}
	}
	return s, nil
}

// Timezones yields the names that ParseTimezone accepts, sorted by their bytes.
func Timezones() iter.Seq[string] { return tzdb.All() }
