package contact

import "time"

const secondsPerDay = 24 * 60 * 60

// The instants that a timestamp can write: the years 0000 to 9999 in UTC, in seconds from 1970.
var (
	minSecond = Date{0, 1, 1}.days() * secondsPerDay
	maxSecond = Date{9999, 12, 31}.days()*secondsPerDay + secondsPerDay - 1
)

// ParseTimestamp reads an RFC 3339 date-time (§5.6): two-digit parts, T and Z in either case, and
// an offset of at most 23:59, -00:00 included. A fraction has one or more digits after a full stop;
// nine are kept and the rest is cut. A leap second is read at 23:59:60 UTC of any day, as the
// second after it: wider than §5.7, which has them only at the end of a month that had one, because
// the library keeps no list of these. An instant whose year in UTC is not one of 0000 to 9999 is
// refused. The result is in UTC; the error is an Errors with one entry of rule timestamp.
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

// inRange reports whether t is an instant that a timestamp can write.
func inRange(t time.Time) bool { return minSecond <= t.Unix() && t.Unix() <= maxSecond }

// checkTime returns an [ErrTime] unless t is a time that a program may give for f. The zero time is
// none: it appears in programs where nobody set a time. A reader accepts its instant, the beginning
// of the year 1, because a document may hold it. So functions that combine contacts and the writers
// keep it.
func checkTime(f Field, t time.Time) error {
	switch {
	case t.IsZero():
		return &fieldError{f, errZeroTime}
	case !inRange(t):
		return &fieldError{f, ErrTime}
	}
	return nil
}

// appendTimestamp appends t as a JSON string, in UTC with as many digits of the second as it needs,
// or null if there is no such timestamp.
func appendTimestamp(dst []byte, t time.Time) []byte {
	if !inRange(t) {
		return append(dst, null...)
	}
	const layout = `"0000-00-00T00:00:00.000000000`
	dst = append(dst, layout...)
	text := (*[len(layout)]byte)(dst[len(dst)-len(layout):])
	unix := t.Unix() - minSecond // positive, so that % is a remainder
	dateOf(unix/secondsPerDay + minSecond/secondsPerDay).put(text[1:11])
	second := int(unix % secondsPerDay)
	putDigits(text[12:], second/3600)
	putDigits(text[15:], second/60%60)
	putDigits(text[18:], second%60)
	nsec := t.Nanosecond()
	if nsec == 0 {
		return append(dst[:len(dst)-len(".000000000")], `Z"`...)
	}
	putDigits(text[21:], nsec/10_000_000)
	putDigits(text[23:], nsec/100_000%100)
	putDigits(text[25:], nsec/1000%100)
	putDigits(text[27:], nsec/10%100)
	text[29] = byte('0' + nsec%10)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return append(dst, `Z"`...)
}
