package contact

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
	return 30 + (month+month>>3)&1 // odd months up to July have 31 days, even ones after
}

// String returns the date as YYYY-MM-DD, or null if there is no such day.
func (d Date) String() string {
	if !d.valid() {
		return null
	}
	return string(d.append(nil))
}

// MarshalText returns the date as YYYY-MM-DD, or an error if there is no such day. encoding/json
// uses it too.
func (d Date) MarshalText() ([]byte, error) {
	if !d.valid() {
		return nil, ErrTime
	}
	return d.append(nil), nil
}

// UnmarshalText reads a date as ParseDate does; d is left as it was on an error.
func (d *Date) UnmarshalText(text []byte) error { return replace(d, text, ParseDate) }

// replace sets *v to the value that parse reads, or leaves it as it is on an error.
func replace[T any, Text string | []byte](v *T, text []byte, parse func(Text) (T, error)) error {
	if v == nil {
		return ErrNil
	}
	parsed, err := parse(Text(text))
	if err == nil {
		*v = parsed
	}
	return err
}

// appendJSON appends the date as a JSON string, or null if there is no such day.
func (d Date) appendJSON(dst []byte) []byte {
	if !d.valid() {
		return append(dst, null...)
	}
	return append(d.append(append(dst, '"')), '"')
}

func (d Date) append(dst []byte) []byte {
	const layout = "0000-00-00"
	dst = append(dst, layout...)
	d.put(dst[len(dst)-len(layout):])
	return dst
}

// put writes the digits of the date into text, which has the hyphens.
func (d Date) put(text []byte) {
	_ = text[9]
	putDigits(text[0:], d.Year/100)
	putDigits(text[2:], d.Year%100)
	putDigits(text[5:], d.Month)
	putDigits(text[8:], d.Day)
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

// dateOf is the inverse of days, for the years 0000 to 9999. It is civil_from_days of H. Hinnant,
// "chrono-Compatible Low-Level Date Algorithms": z counts days from 0000-03-01 in an era of 400
// years, doe are days of the era, yoe its years, doy days of the year, mp months from March.
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
